import { formatDuration } from '../config/duration.js'
import { claimTimes } from '../jwt/claim-times.js'
import { guessKind } from '../jwt/kind.js'
import { printable } from '../jwt/printable.js'
import type { Finding, Severity } from '../jwt/lint/rule.js'
import type { TokenReading } from '../jwt/reading.js'
import type { JsonObject, JsonValue } from '../jwt/types.js'
import { recogniseVendor } from '../jwt/vendor.js'
import type { TokenView } from '../jwt/view.js'
import type { Palette } from './palette.js'

export interface TokenTextOptions {
  readonly now: Date
  readonly palette: Palette
  /** A few words on a member, when somebody asked for explanations. */
  readonly explain?: (name: string, part: 'header' | 'payload') => string | undefined
  /** The least grave findings shown. Default `warn`. */
  readonly threshold?: Severity | 'none'
}

/** A token for people: what it is, its header, its claims with dates and remaining life, what is odd about it. Says that nothing was verified. */
export function tokenText(view: TokenView, options: TokenTextOptions): string {
  const { palette } = options
  const { reading, disclosures, nested } = view
  const sections = [headline(reading, palette)]
  if (reading.header) sections.push(section('Header', palette.header, memberLines(reading.header, 'header', options)))
  if (reading.payload) sections.push(section('Claims', palette.payload, memberLines(reading.payload, 'payload', options)))
  else if (isEncrypted(reading) && !reading.payloadBytes)
    sections.push('Claims are encrypted: --key FILE reads them with the recipient’s key\n')
  else if (reading.payloadBytes && !nested) sections.push(section('Payload', palette.payload, [payloadPreview(reading.payloadBytes)]))
  if (disclosures.length > 0) {
    const lines = disclosures.map(
      ({ name, value, referenced }) =>
        `${palette.key(printable(name ?? '[]'))}  ${plainValue(value)}${referenced ? '' : palette.bad('  not in the signed part')}`,
    )
    sections.push(section('Disclosed', palette.payload, lines))
  }
  if (reading.signatures.length > 1) sections.push(section('Signatures', palette.signature, reading.signatures.map(signatureLine)))
  else if (reading.signature) sections.push(section('Signature', palette.signature, [`${reading.signature.length} bytes`]))
  const { threshold = 'warn' } = options
  const findings = threshold === 'none' ? [] : shownFindings(view.findings, threshold, palette)
  if (findings.length > 0) sections.push(section('Findings', palette.warn, findings))
  if (nested) sections.push(`${palette.strong('Inside it')}\n\n${tokenText(nested, options)}`)
  return sections.join('\n')
}

const isEncrypted = ({ form }: TokenReading): boolean => form === 'jwe' || form === 'jwe-json'

function signatureLine({ protected: protectedHeader, header, signature }: TokenReading['signatures'][number]): string {
  return `${printable(JSON.stringify({ ...header, ...protectedHeader }))}  ${signature.length} bytes`
}

const RANK = { error: 0, warn: 1, info: 2, notice: 3 } satisfies Record<Severity, number>

/** Notices say what the headline says already. */
function shownFindings(findings: readonly Finding[], threshold: Severity, palette: Palette): string[] {
  const colours = { error: palette.bad, warn: palette.warn, info: palette.dim, notice: palette.dim } satisfies Record<
    Severity,
    (text: string) => string
  >
  return findings
    .filter(({ severity }) => RANK[severity] <= RANK[threshold])
    .map(
      ({ id, severity, message, spec }) =>
        `${colours[severity](severity.padEnd(5))}  ${id}  ${printable(message)} ${palette.dim(`(${spec})`)}`,
    )
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
    const note = explain?.(name, part)
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
