import type { CaseStatistics } from '../../probe/run/statistics.js'
import { escapeXml } from '../escape-xml.js'
import { msText } from './words.js'

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [640, 180, 40, 28]

/** How the latencies of a repeated case are spread, as one SVG element: bars from the fastest to the 99th percentile, marks at p50, p90, p99. */
export function latencyPlot({ id, latency, histogram }: CaseStatistics): string {
  const top = Math.max(1, ...histogram)
  const step = (WIDTH - LEFT) / histogram.length
  const y = (count: number): number => (HEIGHT - BOTTOM) * (1 - count / top)
  const bars = histogram.map((count, index) => {
    const from = latency.min + ((latency.p99 - latency.min) * index) / histogram.length
    const title = `<title>${count} from ${escapeXml(msText(from))}</title>`
    return `<rect class="bar" x="${round(LEFT + index * step)}" y="${round(y(count))}" width="${round(step - 1)}" height="${round(HEIGHT - BOTTOM - y(count))}">${title}</rect>`
  })
  const span = latency.p99 - latency.min || 1
  const marks = (['p50', 'p90', 'p99'] as const).map((name) => {
    const x = round(LEFT + ((latency[name] - latency.min) / span) * (WIDTH - LEFT))
    return `<line class="mark" x1="${x}" y1="0" x2="${x}" y2="${HEIGHT - BOTTOM}"/><text class="mark-name" x="${x}" y="11" text-anchor="end">${name}</text>`
  })
  const label = escapeXml(
    `Latency of ${id}: ${latency.count} answers, p50 ${msText(latency.p50)}, p90 ${msText(latency.p90)}, p99 ${msText(latency.p99)}`,
  )
  return (
    `<svg class="plot" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" xmlns="http://www.w3.org/2000/svg">${bars.join('')}${marks.join('')}` +
    `<text x="${LEFT - 6}" y="12" text-anchor="end">${top}</text>` +
    `<line class="axis" x1="${LEFT}" y1="${HEIGHT - BOTTOM}" x2="${WIDTH}" y2="${HEIGHT - BOTTOM}"/>` +
    `<text x="${LEFT}" y="${HEIGHT - 8}">${escapeXml(msText(latency.min))}</text><text x="${WIDTH}" y="${HEIGHT - 8}" text-anchor="end">${escapeXml(msText(latency.p99))}</text></svg>`
  )
}

const round = (value: number): number => Math.round(value * 100) / 100
