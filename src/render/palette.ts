import type { Host, OutputStream } from '../host.js'

/** Names of looks, not of colours: what a thing is, each a function from text to text. */
export interface Palette {
  readonly level: 0 | 1 | 2 | 3
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly dim: (text: string) => string
  readonly strong: (text: string) => string
  readonly key: (text: string) => string
  readonly header: (text: string) => string
  readonly payload: (text: string) => string
  readonly signature: (text: string) => string
}

const same = (text: string): string => text

export const PLAIN: Palette = {
  level: 0,
  good: same,
  bad: same,
  warn: same,
  dim: same,
  strong: same,
  key: same,
  header: same,
  payload: same,
  signature: same,
}

/** Colour only for a terminal, never under `NO_COLOR` or `TERM=dumb`; `FORCE_COLOR` decides otherwise. chalk loads only when there is colour. */
export async function createPalette(stream: OutputStream, env: Host['env']): Promise<Palette> {
  const level = colourLevel(stream, env)
  if (level === 0) return PLAIN
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level })
  return {
    level,
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
    dim: chalk.dim,
    strong: chalk.bold,
    key: chalk.cyan,
    header: chalk.red,
    payload: chalk.magenta,
    signature: chalk.cyan,
  }
}

export function colourLevel(stream: OutputStream, env: Host['env']): Palette['level'] {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced === 'false' || forced === '0' ? 0 : (Math.min(Number(forced) || 1, 3) as Palette['level'])
  if (env['NO_COLOR'] || env['TERM'] === 'dumb' || !stream.isTTY) return 0
  if (env['COLORTERM'] === 'truecolor' || env['COLORTERM'] === '24bit') return 3
  return env['TERM']?.includes('256') ? 2 : 1
}
