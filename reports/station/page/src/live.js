// What happens at the rig, as it happens. The connection is made again by itself, and goes on behind the last event
// that is known: a short loss is not seen at all.

const kRetry = [250, 500, 1000, 2000, 4000];
// A station that has nothing to tell says each second that it is there. A pulled cable closes nothing: it is silent.
const kSilentAfter = 5000;

/**
 * @param handle  called with each message that is new.
 * @param connected  called with whether there is word from the rig.
 * @return ends it.
 */
export function listen(handle, connected) {
  let socket = null;
  let known = null;
  let tries = 0;
  let ended = false;
  let timer = 0;
  let silence = 0;

  function again() {
    if (ended) return;
    clearTimeout(timer);
    timer = setTimeout(open, kRetry[Math.min(tries++, kRetry.length - 1)]);
  }

  function take(message) {
    if (message.type === 'behind') {
      known = null; // the connection ends, and the next begins with everything
      return;
    }
    // A station that was started again counts anew: everything that it says first is taken.
    if (message.seq !== undefined) {
      if (message.type !== 'state' && known !== null && message.seq <= known) return;
      known = message.seq;
    }
    handle(message);
  }

  function lost(opened) {
    if (socket !== opened) return;
    clearTimeout(silence);
    socket = null;
    if (!ended) connected(false);
    again();
  }

  /** Waits for the next word over this connection, or for its first. */
  function expectWord(opened) {
    clearTimeout(silence);
    silence = setTimeout(() => {
      lost(opened);
      opened.close();
    }, kSilentAfter);
  }

  function open() {
    const from = known === null ? '' : `?since=${known}`;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const opened = new WebSocket(`${scheme}://${location.host}/api/live${from}`);
    socket = opened;
    expectWord(opened);
    opened.onopen = () => {
      if (socket !== opened) return;
      tries = 0;
      connected(true);
    };
    opened.onmessage = ({ data }) => {
      // What a connection says that was given up may be old.
      if (socket !== opened) return;
      expectWord(opened);
      take(JSON.parse(data));
    };
    opened.onclose = () => lost(opened);
  }

  // Coming back from a sleep, or onto the network: now, not after the wait.
  function wake() {
    if (socket !== null || ended) return;
    tries = 0;
    again();
  }
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    clearTimeout(silence);
    removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', wake);
    socket?.close();
  };
}
