import type { SceneEvent } from '../../lab/scene.js'
import type { StoryResult } from '../../lab/stories/index.js'
import type { Palette } from '../../render/palette.js'
import { formatTable } from '../../render/table.js'
import type { CallStep } from '../../trace/trace.js'

/** One event of a story as a line. */
export function formatEvent(event: SceneEvent, palette: Palette): string {
  switch (event.kind) {
    case 'chapter':
      return `\n  ${palette.strong(event.text)}\n`
    case 'note':
      return event.text.replace(/^/gm, '      ') + '\n'
    case 'call':
      return palette.dim(callLines(event).join('\n')) + '\n'
    case 'assertion': {
      const { title, held, expected, actual } = event.assertion
      return held ? `    ${palette.good('✓')} ${title}\n` : `    ${palette.bad('✗')} ${title}: expected ${expected}, got ${actual}\n`
    }
  }
}

/** The call as its maker saw it, the gateway's reason, and under it what the gateway asked of others. */
function callLines({ step, trace }: Extract<SceneEvent, { kind: 'call' }>): string[] {
  const inner = (trace?.steps ?? []).filter((inside) => inside.kind === 'call' && inside.to !== 'gateway') as CallStep[]
  return [`      ${formatCall(step)}${trace?.reason ? `  ${trace.reason}` : ''}`, ...inner.map((call) => `        ${formatCall(call, 46)}`)]
}

function formatCall({ from, to, what, status, error, durationMs }: CallStep, width = 48): string {
  return `${`${from} → ${to}`.padEnd(18)} ${what.padEnd(width)} ${status ?? error ?? ''}  ${`${Math.round(durationMs)} ms`.padStart(6)}`
}

export const formatHeading = ({ number, title }: StoryResult['story'], palette: Palette): string =>
  `\n${palette.strong(`Story ${number}`)} · ${title}\n`

/** The closing table: one line a story, and what did not hold. */
export async function formatClosing(results: readonly StoryResult[], palette: Palette, isTerminal: boolean): Promise<string> {
  const rows = results.map(({ story, assertions, held, durationMs }) => [
    String(story.number),
    story.name,
    `${assertions.filter((assertion) => assertion.held).length}/${assertions.length}`,
    held ? palette.good('held') : palette.bad('did not hold'),
    `${(durationMs / 1000).toFixed(1)} s`,
  ])
  return `\n${await formatTable(['story', 'name', 'assertions', 'result', 'time'], rows, { isTerminal })}`
}
