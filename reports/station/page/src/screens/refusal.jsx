// What was not done, and why: on every screen, for the hand that asked for it is on any of them. On the bench it takes
// the place of the line for the hand.
import { change, useStation } from '../store.js';
import { refusalText, t } from '../words.js';
import { Icon } from '../ui/icons.jsx';
import { Button } from '../ui/parts.jsx';

function Said({ icon, title, text, todo, close }) {
  return (
    <div class="now no" role="alert">
      <Icon name={icon} />
      <div><h1>{title}</h1><p>{text}</p></div>
      <div class="aside"><b>{todo}</b><Button quiet onClick={close}>{t('close')}</Button></div>
    </div>
  );
}

export function Refusal() {
  const { refused, trouble } = useStation();
  if (refused) {
    const title = refused.slot ? t('refused.title_slot', { slot: refused.slot }) : t('refused.title');
    return <Said icon="scan" title={title} text={refusalText(refused.refused)} todo={refused.slot ? t('refused.again') : ''} close={() => change({ refused: null })} />;
  }
  if (!trouble) return null;
  return <Said icon="refused" title={trouble.slot ? t('trouble.title_slot', { slot: trouble.slot }) : t('trouble.title')} text={refusalText(trouble.refused)} todo="" close={() => change({ trouble: null })} />;
}
