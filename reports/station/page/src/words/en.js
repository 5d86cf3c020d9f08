// English. A place in braces is filled by the page; both catalogues have the same keys and places.
import { line } from './en_line.js';
import { records } from './en_records.js';

export const en = { ...line, ...records };
