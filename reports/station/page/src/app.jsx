import { useEffect, useState } from 'preact/hooks';
import { useRoute } from './route.js';
import { kindOf } from './slots.js';
import { change, useStation } from './store.js';
import { t } from './words.js';
import { Patterns } from './ui/icons.jsx';
import { Alarm, openInterlock, useSilent } from './screens/alarm.jsx';
import { History } from './screens/history.jsx';
import { Maintenance } from './screens/maintenance.jsx';
import { People } from './screens/people.jsx';
import { Prompt } from './screens/prompt.jsx';
import { Rail } from './screens/rail.jsx';
import { Refusal } from './screens/refusal.jsx';
import { SignIn } from './screens/sign_in.jsx';
import { Slot } from './screens/slot.jsx';
import { StartAgain } from './screens/start_again.jsx';
import { Station } from './screens/station.jsx';
import { Today } from './screens/today.jsx';
import { hasScreen, Top } from './screens/top.jsx';
import { Trail } from './screens/trail.jsx';
import { TypeLabel } from './screens/type_label.jsx';
import { lookFromOutside, mayRun } from './session.js';

const kScreens = { today: Today, history: History, maintenance: Maintenance, people: People, trail: Trail };

/** Draws once a second as well: what is said of times grows old. */
function useSeconds() {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
}

function SignedOut() {
  useEffect(() => {
    const timer = setInterval(lookFromOutside, 2000);
    return () => clearInterval(timer);
  }, []);
  return <div class="screen"><Top /><SignIn /><Rail /></div>;
}

function Screen({ name, of, alarmed, said }) {
  const { session } = useStation();
  if (name === 'slot') return <Slot name={of} />;
  const Other = hasScreen(session.role, name) ? kScreens[name] : undefined;
  return Other ? <Other /> : <Station alarmed={alarmed} said={said} />;
}

export function App() {
  const { session, slots, bench, asking, typing, refused, trouble } = useStation();
  const [name, of] = useRoute();
  const silent = useSilent();
  useSeconds();
  useEffect(() => {
    document.title = name === 'slot' ? `${t('slot.name', { slot: of })} \u2013 penrig` : `${t(`screen.${name}`)} \u2013 penrig`;
  });
  if (session === undefined) return <div class="screen"><main class="waiting"><p class="q">{t('loading')}</p></main></div>;
  if (session === null) return [<Patterns />, <SignedOut />];
  const alarmed = silent || openInterlock(bench) !== null;
  const open = name === 'slot' ? slots?.find((slot) => slot.name === of) : null;
  return [
    <Patterns />,
    <div class={`screen ${silent ? 'stale' : ''}`}>
      <Top screen={name === 'slot' ? 'station' : name} />
      {alarmed && <Alarm silent={silent} />}
      <Refusal />
      <Screen name={name} of={of} alarmed={alarmed} said={alarmed || Boolean(refused || trouble)} />
      {name === 'slot' && <Rail open={of} />}
      {open && kindOf(open) === 'asks' && mayRun() && <Prompt key={open.prompt.id} slot={open} />}
      {asking && <StartAgain />}
      {typing && <TypeLabel slot={typing} close={() => change({ typing: null })} />}
    </div>,
  ];
}
