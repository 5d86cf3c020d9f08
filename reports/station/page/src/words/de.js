// German. A place in braces is filled by the page; both catalogues have the same keys and places.
import { line } from './de_line.js';
import { records } from './de_records.js';

export const de = { ...line, ...records };
