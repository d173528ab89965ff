/** A Markdown table that can be read in a terminal too. The first column is text, and so is every one named in `texts`. */
export function table(heads, rows, texts = []) {
  const lines = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column].length)));
  const isText = (column) => column === 0 || texts.includes(heads[column]);
  const rule = widths.map((width, column) => (isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const aligned = (cells) =>
    cells.map((cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])));
  return [aligned(heads), rule, ...rows.map(aligned)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** `–` for what was not measured. */
export function number(value, digits = 0) {
  if (value === undefined || Number.isNaN(value)) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
