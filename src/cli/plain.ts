import type { Host } from '../host.js'

/** A command line so plain that nobody has to look up what its flags mean. */
export interface PlainCommand {
  readonly command: 'decode' | 'token' | 'verify'
  readonly argument: string | undefined
  readonly options: { readonly jwks?: string; readonly pem?: string; readonly iss?: readonly string[]; readonly aud?: readonly string[] }
}

/** Shared flags by environment: they need the option parser. */
const FLAGS_BY_ENVIRONMENT = /^OIDCGW_(OUTPUT|TIMEOUT|CA_FILE|CERT|KEY|INSECURE|ALLOW_HTTP)$/
const ONE_VALUE: ReadonlySet<string> = new Set(['--jwks', '--pem'])
/** They take every word up to the next flag. */
const MANY_VALUES: ReadonlySet<string> = new Set(['--iss', '--aud'])

/**
 * `decode` and `token` without flags, and `verify` with the keys and what is expected, are what scripts run in loops: without the option
 * parser they start in two thirds of the time. Undefined for all else, also for what the parser would refuse.
 */
export function plainCommand([command, ...words]: readonly string[], env: Host['env']): PlainCommand | undefined {
  if (command !== 'decode' && command !== 'token' && command !== 'verify') return undefined
  if (Object.keys(env).some((name) => FLAGS_BY_ENVIRONMENT.test(name))) return undefined
  const options: Record<string, string | string[]> = {}
  let argument: string | undefined
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as string
    if (isValue(word) || word === '-') {
      if (argument !== undefined) return undefined
      argument = word
      continue
    }
    const name = word.slice(2)
    const values = words.slice(index + 1, nextFlag(words, index + 1))
    const isOne = ONE_VALUE.has(word)
    if (command !== 'verify' || !(isOne || MANY_VALUES.has(word)) || values.length === 0 || name in options) return undefined
    options[name] = isOne ? (values[0] as string) : values
    index += isOne ? 1 : values.length
  }
  return { command, argument, options }
}

const isValue = (word: string): boolean => word !== '' && !word.startsWith('-')

function nextFlag(words: readonly string[], from: number): number {
  const next = words.findIndex((word, index) => index >= from && !isValue(word))
  return next < 0 ? words.length : next
}
