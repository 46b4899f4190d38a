import { OidcgwError } from '../../errors.js'
import { createKeySet, keySetOfJwk, keySetOfPem, type KeySet } from '../../jwt/key-set.js'
import { NEEDS_NEWER_NODE, unreadableHere } from '../../jwt/module-lattice.js'
import { discoverKeys, fetchJwks, parseJwks, type FetchContext } from '../../jwt/provider-keys.js'
import { jsonObject } from '../../jwt/reading.js'
import type { Jwk } from '../../jwt/types.js'
import type { Host } from '../../host.js'
import type { SharedOptions } from '../context.js'
import { readInputFile, readTextInput } from './decode-input.js'
import { readPemFile } from './pem-file.js'

/** The flags that say which keys count. At most one of the first four. */
export interface KeyOptions extends Pick<SharedOptions, 'issuer' | 'profile' | 'config' | 'timeout' | 'caFile' | 'insecure' | 'allowHttp'> {
  readonly jwks?: string
  readonly pem?: string
  readonly key?: string
  readonly secret?: string
}

export interface KeySource {
  readonly keys: KeySet
  /** Where they came from, for people. */
  readonly from: string
  /** The issuer that is expected, when the source names one. */
  readonly issuer: string | undefined
}

/**
 * The keys the person named: a file, a URL, a secret, or an issuer whose metadata leads to them. Never anything the token says.
 * @throws {OidcgwError} `ERR_USAGE` for none or several, and whatever reading or fetching them throws.
 */
export async function loadKeys(options: KeyOptions, host: Host): Promise<KeySource> {
  const named = (['jwks', 'pem', 'key', 'secret'] as const).filter((name) => options[name] !== undefined)
  if (named.length > 1) {
    throw new OidcgwError('ERR_USAGE', `${named.map((name) => `--${name}`).join(' and ')} were both given`, {
      hint: 'Name one source of keys',
    })
  }
  const { jwks, secret } = options
  const issuer = options.issuer ?? (host.env['OIDCGW_ISSUER'] || undefined)
  if (jwks !== undefined) return { ...(await loadJwks(jwks, options, host)), issuer }
  const file = options.pem ?? options.key
  if (file !== undefined) return { keys: keysOfText(await readInputFile(file, host), file), from: file, issuer }
  if (secret !== undefined) return { ...(await loadSecret(secret, host)), issuer }
  const provider = issuer ?? (await profileIssuer(options, host))
  const { jwks: published, jwks_uri } = await discoverKeys(provider, await fetchContext(options, host))
  return { keys: createKeySet(published), from: jwks_uri, issuer: provider }
}

async function loadJwks(place: string, options: KeyOptions, host: Host): Promise<Omit<KeySource, 'issuer'>> {
  if (/^https?:\/\//.test(place)) return { keys: createKeySet(await fetchJwks(place, await fetchContext(options, host))), from: place }
  const text = place === '-' ? (await readTextInput('-', host, 'a JWK Set')).text : await readInputFile(place, host)
  const from = place === '-' ? 'stdin' : place
  return { keys: createKeySet(parseJwks(text, from, 'ERR_NOT_A_KEY')), from }
}

/** PEM or JWK, by its first character. */
function keysOfText(text: string, file: string): KeySet {
  const jwk = jsonObject(Buffer.from(text))
  if (!jwk && !text.includes('-----BEGIN ')) {
    throw new OidcgwError('ERR_NOT_A_KEY', `${file} holds neither PEM nor a JWK`, { hint: 'Give a PEM or JWK with a public key' })
  }
  const keys = !jwk
    ? keySetOfPem(text)
    : Array.isArray(jwk['keys'])
      ? createKeySet(parseJwks(text, file, 'ERR_NOT_A_KEY'), { symmetric: true })
      : keySetOfJwk(jwk as Jwk)
  const [skipped] = keys.skipped
  if (keys.keys.length === 0)
    throw new OidcgwError('ERR_NOT_A_KEY', `${file} holds no key that can verify${skipped ? `: ${skipped.reason}` : ''}`, {
      hint: jwk && unreadableHere(jwk as Jwk) ? NEEDS_NEWER_NODE : 'Give a PEM or JWK with a public key',
    })
  return keys
}

async function loadSecret(reference: string, host: Host): Promise<Omit<KeySource, 'issuer'>> {
  const { readSecret } = await import('../../config/secret-reference.js')
  return { keys: createKeySet({ keys: [] }, { secret: await readSecret(reference, { host, what: '--secret' }) }), from: 'a shared secret' }
}

async function fetchContext(options: KeyOptions, host: Host): Promise<FetchContext> {
  const ca = options.caFile === undefined ? undefined : await readPemFile('--ca-file', options.caFile, 'certificate', host)
  const tls = { ...(ca !== undefined && { ca }), ...(options.insecure && { allowInvalidCertificate: true }) }
  return {
    request: host.request,
    allowHttp: options.allowHttp === true,
    transport: { signal: host.signal, tls, ...(options.timeout !== undefined && { timeoutMs: options.timeout }) },
  }
}

/** The issuer of the profile that is named, or of the default one: only its issuer is needed, not its client. */
async function profileIssuer({ profile, config }: KeyOptions, host: Host): Promise<string> {
  const { loadProject } = await import('../../profile/load.js')
  const project = await loadProject(host, { configFile: config })
  const name = profile ?? (host.env['OIDCGW_PROFILE'] || project.default_profile)
  if (name === undefined) {
    throw new OidcgwError('ERR_USAGE', 'whose keys? nobody was named', {
      hint: 'Give --issuer URL, --jwks FILE|URL, --pem FILE, --key FILE or --secret env:NAME',
    })
  }
  const entry = Object.hasOwn(project.profiles, name) ? project.profiles[name] : undefined
  const known = Object.keys(project.profiles).join(', ') || 'none'
  if (!entry) throw new OidcgwError('ERR_PROFILE_UNKNOWN', `no profile named "${name}"`, { hint: `Profiles: ${known}` })
  if (!entry.issuer)
    throw new OidcgwError('ERR_CONFIG_INVALID', `profile ${name} names no issuer`, {
      where: entry.where,
      hint: 'Write issuer: in it or pass --issuer',
    })
  return entry.issuer
}
