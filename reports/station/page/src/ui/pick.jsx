// A choice in the head of a pane, with its label for those who do not see the pane.

/** @param options  [value, text] each */
export function Pick({ label, value, set, options }) {
  return (
    <label>
      <span class="unseen">{label}</span>
      <select value={value} onChange={(e) => set(e.target.value)}>
        {options.map(([one, text]) => <option key={one} value={one}>{text}</option>)}
      </select>
    </label>
  );
}
