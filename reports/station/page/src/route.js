// Which screen is shown: the address behind the hash, so that a reload comes back to it.
import { useLayoutEffect, useState } from 'preact/hooks';

export function goTo(screen) {
  location.hash = `/${screen}`;
}

/** ['slot', '2'] of "#/slot/2"; ['station'] of nothing. */
function routeOf(hash) {
  const parts = hash.replace(/^#\/?/, '').split('/').filter((part) => part !== '');
  try {
    return parts.length === 0 ? ['station'] : parts.map(decodeURIComponent);
  } catch {
    return ['station'];
  }
}

export const route = () => routeOf(location.hash);

export function useRoute() {
  const [shown, show] = useState(location.hash);
  useLayoutEffect(() => {
    const changed = () => show(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return routeOf(shown);
}
