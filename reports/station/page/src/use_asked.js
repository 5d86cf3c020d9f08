import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ask, askInBackground } from './api.js';

/**
 * What the station answers to a path, asked again now and then; null asks nothing.
 * @return {answer: null until it is there, refused: why not, again: asks now}
 */
export function useAsked(path, everyMs = 0) {
  const [got, setGot] = useState({ path: null, answer: null, refused: null });
  const [count, setCount] = useState(0);
  const before = useRef(null);
  useEffect(() => {
    // A person opens a screen or chooses a path; what is asked again asks the page, and keeps no session open.
    const byItself = before.current === path;
    before.current = path;
    if (path === null) return undefined;
    let wanted = true;
    (byItself ? askInBackground(path) : ask('GET', path)).then(
      (answer) => wanted && setGot({ path, answer, refused: null }),
      (refused) => wanted && setGot((old) => ({ path, answer: old.path === path ? old.answer : null, refused })),
    );
    const timer = everyMs > 0 ? setTimeout(() => setCount((n) => n + 1), everyMs) : 0;
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [path, count, everyMs]);
  const again = useCallback(() => setCount((n) => n + 1), []);
  return { answer: got.path === path ? got.answer : null, refused: got.path === path ? got.refused : null, again };
}
