import { useEffect, useState } from 'preact/hooks';
import { recordOf } from './record.js';

const kAgainAfter = 2000; // ms

/** The summary of a run's record; null until it is there. One that could not be read is asked for again. */
export function useRecord(run) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    if (!run) return undefined;
    let wanted = true;
    let timer = 0;
    const look = () => recordOf(run).then(
      (record) => wanted && setFound(record),
      () => { if (wanted) timer = setTimeout(look, kAgainAfter); },
    );
    look();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [run]);
  return found?.run === run ? found : null;
}
