import { useEffect, useState } from 'preact/hooks';
import { recordOf } from './record.js';

/** The summary of a run's record; null until it is there. */
export function useRecord(run) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    if (!run) return undefined;
    let wanted = true;
    recordOf(run).then((record) => wanted && setFound(record), () => {});
    return () => {
      wanted = false;
    };
  }, [run]);
  return found?.run === run ? found : null;
}
