import { formatDuration } from '../config/duration.js'
import { claimTimes } from '../jwt/claim-times.js'
import { guessKind } from '../jwt/kind.js'
import { printable } from '../jwt/printable.js'
import type { TokenReading } from '../jwt/reading.js'
import type { JsonObject, JsonValue } from '../jwt/types.js'
import { recogniseVendor } from '../jwt/vendor.js'
import type { Palette } from './palette.js'

export interface TokenTextOptions {
  readonly now: Date
  readonly palette: Palette
  /** A few words on a member, when somebody asked for explanations. */
  readonly explain?: (name: string, value: JsonValue, part: 'header' | 'payload') => string | undefined
}

/** A token for people: what it is, its header, its claims with dates and remaining life. Says that nothing was verified. */
export function tokenText(reading: TokenReading, options: TokenTextOptions): string {
  const { palette } = options
  const sections = [headline(reading, palette)]
  if (reading.header) sections.push(section('Header', palette.header, memberLines(reading.header, 'header', options)))
  if (reading.payload) sections.push(section('Claims', palette.payload, memberLines(reading.payload, 'payload', options)))
  else if (reading.form === 'jwe' || reading.form === 'jwe-json')
    sections.push('Claims are encrypted: give the recipient’s key with --key FILE to read them\n')
  else if (reading.payloadBytes) sections.push(section('Payload', palette.payload, [payloadPreview(reading.payloadBytes)]))
  if (reading.signature) sections.push(section('Signature', palette.signature, [`${reading.signature.length} bytes`]))
  return sections.join('\n')
}

function headline(reading: TokenReading, palette: Palette): string {
  const { kind, evidence } = guessKind(reading)
  const vendor = recogniseVendor(reading.payload ?? {})
  const alg = reading.header?.['alg']
  const facts = [
    `${palette.strong(kind)} (${evidence})`,
    ...(vendor ? [vendor] : []),
    ...(typeof alg === 'string' ? [`alg ${printable(alg)}`] : []),
    ...(reading.source ? [`from ${printable(reading.source)}`] : []),
    palette.warn('decoded, NOT verified'),
  ]
  const problem = reading.problem ? `\n${palette.bad(`a verifier refuses it: ${reading.problem}`)}` : ''
  return `${facts.join(' · ')}${problem}\n`
}

function section(title: string, colour: (text: string) => string, lines: readonly string[]): string {
  return `${colour(title)}\n${lines.map((line) => `  ${line}\n`).join('')}`
}

function memberLines(members: JsonObject, part: 'header' | 'payload', { now, palette, explain }: TokenTextOptions): string[] {
  const times = new Map(claimTimes(part === 'payload' ? members : {}, now).map((time) => [time.claim, time]))
  const width = Math.min(24, Math.max(0, ...Object.keys(members).map((name) => printable(name).length)))
  return Object.entries(members).flatMap(([name, value]) => {
    const time = times.get(name)
    const dated = time ? `  ${formatDate(time.date)}  ${relation(name, time.secondsFromNow, palette)}` : ''
    const line = `${palette.key(printable(name).padEnd(width))}  ${plainValue(value)}${dated}`
    const note = explain?.(name, value, part)
    return note === undefined ? [line] : [line, palette.dim(`${' '.repeat(width)}  ${note}`)]
  })
}

/** `exp` says how much life remains; the others how long ago or how far ahead. */
function relation(name: string, secondsFromNow: number, palette: Palette): string {
  const span = formatDuration(secondsFromNow * 1000)
  if (name === 'exp') return secondsFromNow > 0 ? palette.good(`${span} left`) : palette.bad(`expired ${span} ago`)
  if (secondsFromNow <= 0) return palette.dim(`${span} ago`)
  return name === 'nbf' || name === 'iat' ? palette.bad(`in ${span}`) : palette.dim(`in ${span}`)
}

/** `2027-01-15 08:00:00Z`. */
const formatDate = (date: Date): string => date.toISOString().replace('T', ' ').replace(/\.\d+/, '')

/** Strings as they are, unless they would pass for something else; the rest as JSON. */
function plainValue(value: JsonValue): string {
  if (typeof value !== 'string') return printable(JSON.stringify(value))
  const ambiguous = value === '' || value !== value.trim() || /^(-?\d[\d.eE+-]*|true|false|null|["[{].*)$/.test(value)
  return printable(ambiguous ? JSON.stringify(value) : value)
}

function payloadPreview(bytes: Buffer): string {
  const text = printable(bytes.toString('utf8'))
  return text.length > 400 ? `${text.slice(0, 400)}… (${bytes.length} bytes)` : text
}
