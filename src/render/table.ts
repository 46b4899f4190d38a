/** A table: drawn with lines on a terminal, aligned columns of plain text on a pipe. Cells may carry colour only on a terminal. */
export async function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { isTerminal }: { readonly isTerminal: boolean },
): Promise<string> {
  if (isTerminal) {
    const { default: Table } = await import('cli-table3')
    const table = new Table({ head: [...head], style: { head: [], border: [] } })
    table.push(...rows.map((row) => [...row]))
    return `${table.toString()}\n`
  }
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[head, ...rows].map(line).join('\n')}\n`
}
