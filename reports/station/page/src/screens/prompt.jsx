// What a run asks. Nothing is preselected, and Enter answers nothing; the other slots go on.
import { useEffect, useRef, useState } from 'preact/hooks';
import { answer, stop } from '../actions.js';
import { clock } from '../format.js';
import { limitText } from '../failures.js';
import { useStation } from '../store.js';
import { refusalText, t } from '../words.js';
import { Dialog } from '../ui/dialog.jsx';
import { Button, Serial } from '../ui/parts.jsx';
import { Icon } from '../ui/icons.jsx';

const kUnread = 700; // ms: who answers sooner pressed for what stood there before

function Choices({ prompt, give }) {
  if (prompt.kind === 'choice')
    return <div class="choices list">{prompt.choices.map((choice, i) => <Button key={choice} big shortcut={String(i + 1)} onClick={() => give(choice)}>{choice}</Button>)}</div>;
  if (prompt.kind === 'number') return <NumberField prompt={prompt} give={give} />;
  if (prompt.kind === 'text') return <div class="choices one"><Button main big shortcut="Y" onClick={() => give(true)}>{prompt.yes ?? t('prompt.done')}</Button></div>;
  return (
    <div class="choices">
      <Button main big shortcut="Y" onClick={() => give(true)}>{prompt.yes ?? t('prompt.yes')}</Button>
      <Button big shortcut="N" onClick={() => give(false)}>{prompt.no ?? t('prompt.no')}</Button>
    </div>
  );
}

function NumberField({ prompt, give }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState('');
  function submit(event) {
    event.preventDefault();
    const value = Number(text.replace(',', '.'));
    if (text.trim() === '' || !Number.isFinite(value)) return setWrong(t('prompt.no_number'));
    return give(value);
  }
  return (
    <form class="number" onSubmit={submit}>
      <label>{prompt.unit ? t('prompt.number_in', { unit: prompt.unit }) : t('prompt.number')}
        <input inputMode="decimal" autocomplete="off" value={text} aria-invalid={wrong !== ''} onInput={(e) => setText(e.target.value)} />
      </label>
      <button class="btn main big">{t('prompt.enter')}</button>
      <p class="q" role="alert">{wrong || limitText(prompt.lower, prompt.upper, prompt.unit ?? '')}</p>
    </form>
  );
}

/** Gives an answer once, and only to a question that can have been read; again if it was refused. */
function useGive(slot) {
  const [read, setRead] = useState(false);
  const given = useRef(false);
  useEffect(() => {
    const timer = setTimeout(() => setRead(true), kUnread);
    return () => clearTimeout(timer);
  }, []);
  async function give(value) {
    if (!read || given.current) return;
    given.current = true;
    given.current = await answer(slot.name, slot.prompt, value);
  }
  return [give, read];
}

/** Why the last answer, or a scan meanwhile, was refused: what says so elsewhere lies below the question. */
function Refused({ slot }) {
  const { trouble, refused } = useStation();
  const why = trouble?.slot === slot.name ? trouble.refused : refused?.refused;
  return why ? <p class="said" role="alert">{refusalText(why)}</p> : null;
}

export function Prompt({ slot }) {
  const { prompt } = slot;
  const [give, read] = useGive(slot);
  const keys = { Escape: () => stop(slot.name) };
  if (prompt.kind === 'confirm' || prompt.kind === 'text') keys.y = () => give(true);
  if (prompt.kind === 'confirm') keys.n = () => give(false);
  if (prompt.kind === 'choice') prompt.choices.slice(0, 9).forEach((choice, i) => { keys[String(i + 1)] = () => give(choice); });
  return (
    <Dialog label={prompt.title} keys={keys} busy={!read} class={`ask ${prompt.pictures?.length ? '' : 'plain'}`}>
      {prompt.pictures?.length > 0 && (
        <div class="art">
          {prompt.pictures.map((picture) => (
            <figure key={picture.src}>
              <img src={picture.src} alt="" />
              <figcaption>{picture.title}<span>{picture.text}</span></figcaption>
            </figure>
          ))}
        </div>
      )}
      <div class="text">
        <p class="who"><b>{slot.name}</b><span><Serial>{slot.serial_number}</Serial> {t('prompt.asks')}</span></p>
        <div><h1>{prompt.title}</h1>{prompt.text && <p class="more">{prompt.text}</p>}</div>
        <div>
          <Refused slot={slot} />
          <Choices prompt={prompt} give={give} />
          <div class="foot">
            <p class="q small">{prompt.until_utc && t('prompt.until', { at: clock(prompt.until_utc) })} {t('prompt.others')}</p>
            <Button shortcut="Esc" onClick={() => stop(slot.name)}><Icon name="stop" />{t('prompt.stop')}</Button>
          </div>
        </div>
      </div>
    </Dialog>
  );
}
