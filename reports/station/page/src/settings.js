// What a person set on this screen; it stays on this machine.
const kName = 'penrig-station';
const kFirst = { theme: 'auto', language: '', volume: 0.6, singleKeys: true, plans: {} };

function load() {
  try {
    return { ...kFirst, ...JSON.parse(localStorage.getItem(kName) ?? '{}') };
  } catch {
    return { ...kFirst };
  }
}

export const settings = load();

export function set(patch) {
  Object.assign(settings, patch);
  try {
    localStorage.setItem(kName, JSON.stringify(settings));
  } catch {
    // A browser that keeps nothing: it holds until the page is closed.
  }
  apply();
}

/** Light or dark, and the language that the page says it is in. */
export function apply() {
  document.documentElement.dataset.theme = settings.theme;
  document.documentElement.lang = language();
}

export function language() {
  if (settings.language) return settings.language;
  return navigator.language?.toLowerCase().startsWith('de') ? 'de' : 'en';
}

export function isDark() {
  if (settings.theme !== 'auto') return settings.theme === 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches;
}
