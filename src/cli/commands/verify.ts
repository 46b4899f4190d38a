import { parseDuration } from '../../config/duration.js'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { findTokens } from '../../jwt/paste.js'
import { readToken } from '../../jwt/reading.js'
import type { Verdict } from '../../jwt/types.js'
import { firstFailure, verifyJwt, type VerifyOptions } from '../../jwt/verify.js'
import { verdictText } from '../../render/token-verdict-text.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { notAToken, readInputFile, readTextInput } from './decode-input.js'
import { loadKeys, type KeyOptions, type KeySource } from './verify-keys.js'
import { parseTime } from './verify-time.js'

const VERIFY_SCHEMA = 'oidcgw/verify/v1'

export interface VerifyCommandOptions extends SharedOptions, KeyOptions {
  readonly aud?: readonly string[]
  readonly iss?: readonly string[]
  readonly typ?: string
  readonly alg?: readonly string[]
  readonly at?: string
  readonly leeway?: string
  readonly maxAge?: string
  readonly profileType?: 'id' | 'access' | 'logout' | 'dpop' | 'jws'
  /** Detached content of a JWS: a file. */
  readonly content?: string
  readonly nonce?: string
  readonly accessToken?: string
  readonly method?: string
  readonly url?: string
  /** Worker threads for many lines. */
  readonly threads?: string
  /** False under `--no-exp`. */
  readonly exp?: boolean
}

/** `verify [TOKEN|-]`: yes or no, with every check. Trusts only the keys that were named. */
export async function verify(argument: string | undefined, options: VerifyCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { host } = context
  if (options.jwks === '-' && (argument === undefined || argument === '-')) {
    throw new OidcgwError('ERR_USAGE', 'token and --jwks cannot both come from stdin', {
      hint: 'Name the token as an argument or as @FILE',
    })
  }
  const at = parseTime(options.at ?? 'now', host.now(), '--at')
  const leewaySeconds = parseDuration(options.leeway ?? '0', '--leeway') / 1000
  if (options.output === 'jsonl') return verifyLines(argument, options, { at, leewaySeconds }, host)
  if (options.profileType === 'jws') return (await import('./verify-content.js')).verifyContent(argument, options, context)
  const token = await readOneToken(argument, host)
  if (options.profileType === 'dpop') {
    const { verifyDpopProof } = await import('../../jwt/dpop.js')
    return report(
      verifyDpopProof(token, await dpopOptions(options, host, at, leewaySeconds)),
      undefined,
      { at, leewaySeconds },
      options,
      context,
    )
  }
  const source = await loadKeys(options, host)
  const verdict = verifyJwt(token, { ...(await expectations(options, source, host)), keys: source.keys, now: at, leewaySeconds })
  return report(verdict, source, { at, leewaySeconds }, options, context)
}

/** A token a line. Proofs bring their own keys, one each, and are no bulk. */
async function verifyLines(
  argument: string | undefined,
  options: VerifyCommandOptions,
  { at, leewaySeconds }: Clock,
  host: Host,
): Promise<ExitCode> {
  if (options.profileType === 'dpop')
    throw new OidcgwError('ERR_USAGE', 'DPoP proofs are verified one by one', { hint: 'Leave --output jsonl out' })
  const [{ readLines }, { verifyBulk }] = await Promise.all([import('./decode-lines.js'), import('./verify-bulk.js')])
  const source = await loadKeys(options, host)
  const expected = { ...(await expectations(options, source, host)), now: at.getTime(), leewaySeconds, stopEarly: true }
  return verifyBulk(readLines(argument, host), source.keys, expected, host, threadCount(options.threads))
}

function threadCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw new OidcgwError('ERR_USAGE', `--threads: "${text}" is no number of threads`, { hint: 'Write 1 to 99' })
}

interface Clock {
  readonly at: Date
  readonly leewaySeconds: number
}

async function readOneToken(argument: string | undefined, host: Host): Promise<string> {
  const { text } = await readTextInput(argument, host)
  const readings = findTokens(text)
    .map(readToken)
    .filter(({ form }) => form !== 'opaque')
  const [reading] = readings
  if (!reading) throw notAToken(text)
  if (readings.length > 1) {
    throw new OidcgwError(
      'ERR_USAGE',
      `there are ${readings.length} tokens in it: ${readings.map(({ source }) => source ?? 'unnamed').join(', ')}`,
      {
        hint: 'Give one, or many with --output jsonl, one a line',
      },
    )
  }
  if (reading.form === 'jwe' || reading.form.endsWith('json')) {
    throw new OidcgwError(
      'ERR_UNSUPPORTED',
      reading.form === 'jws-json' ? 'a JWS JSON serialization is no JWT (RFC 7519 §1)' : 'the token is encrypted',
      {
        hint:
          reading.form === 'jws-json'
            ? '--profile-type jws verifies its signatures'
            : 'decode --key FILE reads an encrypted token; verify what is inside it',
      },
    )
  }
  return reading.form === 'sd-jwt' ? (reading.token.split('~', 1)[0] ?? '') : reading.token
}

async function expectations(options: VerifyCommandOptions, source: KeySource, host: Host): Promise<Omit<VerifyOptions, 'keys' | 'now'>> {
  const issuer = options.iss ?? source.issuer
  return {
    ...(issuer !== undefined && { issuer }),
    ...(options.aud && { audience: options.aud }),
    ...(options.typ !== undefined && { typ: options.typ }),
    ...(options.alg && { algorithms: options.alg }),
    ...(options.maxAge !== undefined && { maxAgeSeconds: parseDuration(options.maxAge, '--max-age') / 1000 }),
    ...(options.exp === false && { requireExp: false }),
    ...(options.profileType && options.profileType !== 'dpop' && options.profileType !== 'jws' && { profile: options.profileType }),
    ...(options.clientId !== undefined && { clientId: options.clientId }),
    ...(options.nonce !== undefined && { nonce: options.nonce }),
    ...(options.accessToken !== undefined && { accessToken: await readTokenFile(options.accessToken, host) }),
  }
}

const readTokenFile = async (path: string, host: Host): Promise<string> => (await readInputFile(path.replace(/^@/, ''), host)).trim()

async function dpopOptions(
  options: VerifyCommandOptions,
  host: Host,
  now: Date,
  leewaySeconds: number,
): Promise<Parameters<typeof import('../../jwt/dpop.js').verifyDpopProof>[1]> {
  return {
    now,
    leewaySeconds,
    ...(options.method !== undefined && { method: options.method }),
    ...(options.url !== undefined && { url: options.url }),
    ...(options.nonce !== undefined && { nonce: options.nonce }),
    ...(options.alg && { algorithms: options.alg }),
    ...(options.maxAge !== undefined && { maxAgeSeconds: parseDuration(options.maxAge, '--max-age') / 1000 }),
    ...(options.accessToken !== undefined && { accessToken: await readTokenFile(options.accessToken, host) }),
  }
}

function report(
  verdict: Verdict,
  source: KeySource | undefined,
  clock: Clock,
  options: VerifyCommandOptions,
  { host, out, err }: CommandContext,
): ExitCode {
  if (options.insecure) host.stderr.write(`${err.warn('server certificates were not verified (--insecure)')}\n`)
  if (wantsJson(options)) {
    writeJson(host, {
      schema: VERIFY_SCHEMA,
      valid: verdict.valid,
      code: firstFailure(verdict)?.code ?? null,
      at: clock.at.toISOString(),
      leeway_seconds: clock.leewaySeconds,
      issuer: source?.issuer ?? null,
      keys: source ? { from: source.from, usable: source.keys.keys.length, skipped: source.keys.skipped } : null,
      checks: verdict.checks,
      header: verdict.token?.header ?? null,
      payload: verdict.token?.payload ?? null,
    })
  } else if (options.output === 'raw') {
    if (verdict.valid) host.stdout.write(`${JSON.stringify(verdict.token?.payload)}\n`)
  } else {
    const keys = source && { from: source.from, usable: source.keys.keys.length, skipped: source.keys.skipped.length }
    host.stdout.write(verdictText(verdict, { ...clock, keys, palette: out }))
  }
  return verdict.valid ? EXIT.yes : EXIT.no
}
