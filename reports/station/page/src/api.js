// Requests to the station. What changes something repeats the session's token.

/** Why a request was not done: `status` (0: no answer came), `code` for programs, `message` for people. */
export class Refused extends Error {
  constructor(status, error = {}) {
    super(error.message ?? '');
    this.status = status;
    this.code = error.code ?? 'no_answer';
    this.details = error;
  }
}

const kAnswerWithin = 15000;
let csrfToken = '';
let onSignedOut = () => {};
let lastRequest = 0;

export function useToken(token) {
  csrfToken = token;
}

/** Called when the station no longer knows the session. */
export function whenSignedOut(callback) {
  onSignedOut = callback;
}

/** When the session was used last, in milliseconds of the page's clock. */
export function lastUsed() {
  return lastRequest;
}

async function errorOf(response) {
  try {
    return (await response.json()).error;
  } catch {
    return { code: `http_${response.status}`, message: '' };
  }
}

/** As ask(), for what the page asks by itself: the session is none the younger for it. */
export function askInBackground(path) {
  return ask('GET', path, undefined, true);
}

/** The JSON of an answer; throws Refused. */
export async function ask(method, path, body, background = false) {
  const headers = {};
  if (background) headers['X-Background'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET') headers['X-CSRF-Token'] = csrfToken;
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(kAnswerWithin),
    });
  } catch {
    throw new Refused(0);
  }
  if (response.ok) {
    if (!background) lastRequest = Date.now();
    return response.json();
  }
  const refused = new Refused(response.status, await errorOf(response));
  if (response.status === 401 && path !== '/api/session') onSignedOut();
  throw refused;
}

/** "/api/runs" and its query; what is empty is left out. */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined && value !== null);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
