import type { ObtainOptions } from '../../client/obtain-options.js'
import type { PemKind } from '../../config/pem.js'
import { OidcgwError } from '../../errors.js'
import type { Host, TlsOptions } from '../../host.js'
import { loadBook } from '../../profile/cached-book.js'
import type { Profile } from '../../profile/profile.js'
import { overridesFrom, resolveProfile, type ProfileOverrides } from '../../profile/resolve.js'
import { isTokenReference } from '../../profile/token-reference.js'
import type { CommandContext, SharedOptions } from '../context.js'
import { isOn } from '../switch.js'

/** Flags of the commands that act as a client, beside the shared ones. */
export interface ClientFlags {
  readonly grant?: Profile['grant']
  readonly clientAuth?: Profile['client']['auth']
  readonly scope?: string
  readonly audience?: string
  readonly resource?: readonly string[]
  readonly param?: Readonly<Record<string, string>>
  readonly claims?: string
  readonly acrValues?: string
  readonly maxAge?: number
  readonly prompt?: string
  readonly loginHint?: string
  readonly authorizationDetails?: string
  /** A token reference; without a named grant it means `jwt_bearer`. */
  readonly assertionFrom?: string
  readonly dpop?: boolean
  readonly par?: boolean
  readonly jar?: boolean
  readonly jarm?: boolean
  readonly redirectUri?: string
  readonly redirectHost?: string
  readonly redirectPort?: number
  readonly redirectPath?: string
  /** Milliseconds. */
  readonly loginTimeout?: number
  /** False under `--no-browser`. */
  readonly browser?: string | false
  readonly allowLegacy?: boolean
  /** False under `--no-store`. */
  readonly store?: boolean
  /** Milliseconds. */
  readonly clockTolerance?: number
}

/** As whom, how, and through which world a command acts as a client. */
export interface ClientRun {
  readonly profile: Profile
  readonly host: Host
  readonly options: ObtainOptions
}

/**
 * Resolves the profile (`NAME`, `-p`, `$OIDCGW_PROFILE`, the default) and reads the files that flags name.
 * @param wishes lie between the flags and the files.
 */
export async function prepareClient(
  name: string | undefined,
  flags: ClientFlags & SharedOptions,
  context: CommandContext,
  wishes: ProfileOverrides = {},
): Promise<ClientRun> {
  const { env } = context.host
  if (name !== undefined && flags.profile !== undefined && flags.profile !== name && flags.profile !== env['OIDCGW_PROFILE']) {
    throw new OidcgwError('ERR_USAGE', `two profiles are named: ${name} and ${flags.profile}`, { hint: 'Name one' })
  }
  assertTokenReference(flags.assertionFrom)
  const book = await loadBook(context.host, flags.config)
  const profile = resolveProfile(book, name ?? flags.profile ?? (env['OIDCGW_PROFILE'] || undefined), {
    ...wishes,
    ...profileOverrides(flags, env),
  })
  assertUsesAssertion(profile, flags.assertionFrom)
  const host = flags.verbose && flags.verbose > 1 ? await withWire(context.host) : context.host
  const options = { ...(await clientOptions(flags, context.host)), profileOf: (other: string) => resolveProfile(book, other) }
  return { profile, host, options }
}

/** The text is not shown: whoever writes a token itself there must not see it in a log. */
function assertTokenReference(text: string | undefined): void {
  if (text === undefined || isTokenReference(text)) return
  throw new OidcgwError('ERR_USAGE', '--assertion-from says where the assertion comes from, and is none itself', {
    hint: 'Write github, github:AUDIENCE, gitlab, gitlab:VARIABLE, env:NAME, file:PATH, cmd:COMMAND or profile:NAME',
  })
}

/** An assertion that the profile's grant would silently leave out. */
function assertUsesAssertion({ name, grant }: Profile, text: string | undefined): void {
  if (text === undefined || grant.endsWith(':jwt-bearer') || grant === 'refresh_token') return
  throw new OidcgwError('ERR_USAGE', `profile ${name}: its grant ${grant} takes no assertion`, { hint: 'Add --grant jwt_bearer' })
}

/** How to act as a client, from flags and environment. */
export async function clientOptions(flags: ClientFlags & SharedOptions, host: Host): Promise<ObtainOptions> {
  const { env } = host
  const tls = await readTls(flags, host)
  const interactive = flags.input !== false && !isOn(env['OIDCGW_NO_INPUT']) && !isOn(env['CI']) && host.stdin.isTTY === true
  const browser = flags.browser === false ? 'none' : (flags.browser ?? (env['OIDCGW_BROWSER'] || undefined))
  const say = sayOnce(host)
  return {
    interactive,
    ...(tls && { tls }),
    ...(flags.timeout !== undefined && { timeoutMs: flags.timeout }),
    ...(flags.allowHttp && { allowHttp: true }),
    ...(flags.clockTolerance !== undefined && { clockToleranceSeconds: flags.clockTolerance / 1000 }),
    ...(browser !== undefined && { browser }),
    ...(flags.allowLegacy && { allowLegacy: true }),
    ...(flags.store === false && { store: 'none' as const }),
    ...(interactive && { prompt: (label: string) => askSecret(label, host.signal) }),
    // What a person must read to go on (a URL, a code) is never silenced.
    say,
    ...(flags.verbose && !flags.quiet && { tell: say }),
  }
}

/** Each line only once: several profiles of one run meet the same keyring. */
function sayOnce({ stderr }: Pick<Host, 'stderr'>): (line: string) => void {
  const said = new Set<string>()
  return (line) => {
    if (!said.has(line)) stderr.write(`${line}\n`)
    said.add(line)
  }
}

function profileOverrides(flags: ClientFlags & SharedOptions, env: Host['env']): ProfileOverrides {
  const login = present({
    redirect_uri: flags.redirectUri,
    redirect_host: flags.redirectHost,
    redirect_port: flags.redirectPort,
    redirect_path: flags.redirectPath,
    timeoutMs: flags.loginTimeout,
  })
  const { grant, scope, audience, resource, claims, prompt, assertionFrom, dpop, par, jar, jarm, param, clientAuth } = flags
  return {
    ...overridesFrom(flags, env),
    ...present({
      grant,
      scope,
      audience,
      resource,
      claims,
      prompt,
      assertion: assertionFrom,
      dpop,
      par,
      jar,
      jarm,
      params: param,
      clientAuth,
    }),
    ...present({
      acr_values: flags.acrValues,
      max_age: flags.maxAge,
      login_hint: flags.loginHint,
      authorization_details: flags.authorizationDetails,
    }),
    ...(Object.keys(login).length > 0 && { login }),
  }
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const present = <T extends object>(values: T): Present<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>

async function readTls(flags: SharedOptions, host: Host): Promise<TlsOptions | undefined> {
  const read = async (flag: string, path: string | undefined, kind: PemKind): Promise<string | undefined> =>
    path ? (await import('./pem-file.js')).readPemFile(flag, path, kind, host) : undefined
  // one after the other: of two that are wrong the first is named, always
  const ca = await read('--ca-file', flags.caFile, 'certificate')
  const cert = await read('--cert', flags.cert, 'certificate')
  const key = await read('--key', flags.key, 'private key')
  if (cert && key) (await import('./pem-file.js')).assertPair(cert, key)
  const insecure = flags.insecure === true
  if (insecure) host.stderr.write('warning: server certificates are not verified (--insecure)\n')
  if (!ca && !cert && !key && !insecure) return undefined
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(insecure && { allowInvalidCertificate: true }) }
}

async function askSecret(label: string, signal: AbortSignal): Promise<string> {
  const { password, isCancel } = await import('@clack/prompts')
  const answer = await password({ message: label, output: process.stderr, signal })
  if (isCancel(answer)) throw new OidcgwError('ERR_ABORTED', 'interrupted')
  return answer
}

async function withWire(host: Host): Promise<Host> {
  const { traceWire } = await import('../../client/wire.js')
  return { ...host, request: traceWire(host.request, (line) => void host.stderr.write(`${line}\n`)) }
}
