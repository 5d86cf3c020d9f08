// Single keys, outside of fields. The screen that is on top has them first.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { isField } from './scanner.js';
import { settings } from './settings.js';
import { hush } from './sounds.js';

const layers = [];

/**
 * Keys of a screen: {c: () => ..., Escape: ...}; letters in lower case.
 * @param modal  whether what lies below hears nothing.
 */
export function useKeys(keys, modal = false) {
  const layer = useRef({});
  Object.assign(layer.current, { keys, modal });
  // In step with what is on the screen: a key right behind a dialog is for what lay below it.
  useLayoutEffect(() => {
    const mine = layer.current;
    layers.push(mine);
    return () => layers.splice(layers.indexOf(mine), 1);
  }, []);
}

/** A person's key. Enter is left to what has the focus, and answers nothing by itself. */
export function pressed(event) {
  hush();
  const single = event.key.length === 1;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (single && event.repeat) return; // a key that is held is pressed once
  if (isField(event.target) && event.key !== 'Escape') return;
  if (single && !settings.singleKeys) return;
  const key = single ? event.key.toLowerCase() : event.key;
  for (const layer of [...layers].reverse()) {
    if (layer.keys[key] !== undefined) {
      layer.keys[key](event);
      return;
    }
    if (layer.modal) return;
  }
}
