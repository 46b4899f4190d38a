import type { Actor, TraceStep } from '../trace/trace.js'
import { escapeXml } from './escape-xml.js'
import { ACTOR_LABELS, diagramActors, diagramRows, type DiagramOptions, type DiagramRow } from './sequence-diagram.js'

const COLUMN = 190
const ROW = 30
const HEAD = 44
/** Characters that fit between two neighbours at 12px. */
const FITS = 26

/**
 * The observed steps as one self-contained SVG element. Colours come from the page (`--line`, `--good`, `--bad`, `--note`, `currentColor`), so
 * that it follows light and dark. Long texts are cut; the whole text is in the row's tooltip.
 */
export function toSvg(steps: readonly TraceStep[], options: DiagramOptions = {}): string {
  const rows = diagramRows(steps, options)
  const actors = diagramActors(rows)
  if (actors.length === 0) return ''
  const width = actors.length * COLUMN
  const height = HEAD + rows.length * ROW + 16
  const x = (actor: Actor): number => actors.indexOf(actor) * COLUMN + COLUMN / 2
  const heads = actors.map(
    (actor) =>
      `<line class="life" x1="${x(actor)}" y1="${HEAD - 12}" x2="${x(actor)}" y2="${height - 8}"/>` +
      `<rect class="actor" x="${x(actor) - 75}" y="4" width="150" height="28" rx="5"/>` +
      `<text class="who" x="${x(actor)}" y="23">${escapeXml(ACTOR_LABELS[actor])}</text>`,
  )
  const body = rows.map((row, index) => (row.kind === 'note' ? note(row, x, index) : arrow(row, x, index)))
  const title = escapeXml(options.title ?? `Sequence: ${actors.map((actor) => ACTOR_LABELS[actor]).join(', ')}`)
  return `<svg class="sequence" role="img" aria-label="${title}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg">${heads.join('')}${body.join('')}</svg>`
}

const rowY = (index: number): number => HEAD + index * ROW + ROW / 2

function arrow(row: Extract<DiagramRow, { from: Actor }>, x: (actor: Actor) => number, index: number): string {
  const y = rowY(index) + 6
  const [from, to] = [x(row.from), x(row.to)]
  const direction = to >= from ? 1 : -1
  const fits = Math.max(1, Math.round(Math.abs(to - from) / COLUMN)) * FITS
  const head = `<path class="tip" d="M${to} ${y}l${-7 * direction} -4v8z"/>`
  return (
    `<g class="${row.kind} ${row.tone}"><title>${escapeXml(row.text)}</title>` +
    `<line x1="${from}" y1="${y}" x2="${to - 6 * direction}" y2="${y}"/>${head}` +
    `<text x="${(from + to) / 2}" y="${y - 6}">${escapeXml(cut(row.text, fits))}</text></g>`
  )
}

function note(row: Extract<DiagramRow, { over: Actor }>, x: (actor: Actor) => number, index: number): string {
  const y = rowY(index)
  return (
    `<g class="note ${row.tone}"><title>${escapeXml(row.text)}</title>` +
    `<rect x="${x(row.over) - 88}" y="${y - 10}" width="176" height="22" rx="3"/>` +
    `<text x="${x(row.over)}" y="${y + 5}">${escapeXml(cut(row.text, FITS))}</text></g>`
  )
}

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)
