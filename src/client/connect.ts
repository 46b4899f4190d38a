import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as oauth from 'openid-client'
import { holdsPem, pemHint } from '../config/pem.js'
import { OidcgwError } from '../errors.js'
import type { TlsOptions } from '../host.js'
import type { ClientAuthMethod, Profile } from '../profile/profile.js'
import { basicHint, chooseClientAuth } from './client-auth/choose.js'
import { CLIENT_AUTH } from './client-auth/index.js'
import type { ClientHost, ClientOptions } from './client-options.js'
import { createSecrets, type Secrets } from './secrets.js'
import { attempting } from './translate-error.js'
import { assertSecure, fetchOver } from './transport.js'

/** A provider we can talk to as one client: its metadata is known, the client's credential is at hand. */
export interface Provider {
  readonly profile: Profile
  readonly configuration: oauth.Configuration
  readonly metadata: oauth.ServerMetadata
  readonly clientAuth: ClientAuthMethod
  readonly secrets: Secrets
  readonly options: ClientOptions
  /** What to say when the provider does not accept the client. */
  readonly clientHint: string | undefined
}

const WELL_KNOWN = /\/\.well-known\/(openid-configuration|oauth-authorization-server)\/?$/

/**
 * Discovers the provider (OIDC first, then RFC 8414) and prepares the client: explicit client authentication, ID-token signatures always
 * checked, our clock and our tolerance, one transport.
 *
 * @throws {OidcgwError} `ERR_PROVIDER_METADATA`, `ERR_PROVIDER_RESPONSE`, `ERR_NETWORK…`, `ERR_TLS`, `ERR_INSECURE_TRANSPORT`, `ERR_SECRET_UNAVAILABLE`.
 */
export async function connect(profile: Profile, host: ClientHost, given: ClientOptions = {}): Promise<Provider> {
  const issuer = new URL(profile.issuer.replace(WELL_KNOWN, ''))
  assertSecure(issuer, given)
  const secrets = createSecrets(host, given.prompt)
  const options = { ...given, ...(await withClientCertificate(profile, given, host, secrets)) }
  let authenticate: oauth.ClientAuth = oauth.None()
  const tls = Boolean(profile.client.cert)
  const metadata: Partial<oauth.ClientMetadata> = {
    [oauth.clockTolerance]: options.clockToleranceSeconds ?? 0,
    [oauth.clockSkew]: Math.round((host.now().getTime() - (performance.timeOrigin + performance.now())) / 1000),
    ...(tls && { use_mtls_endpoint_aliases: true }),
  }
  const configuration = await attempting({ what: `discovery of ${issuer.href}`, stage: 'discovery' }, () =>
    discover(issuer, profile.client.id, metadata, (...call) => authenticate(...call), {
      execute: [oauth.allowInsecureRequests, oauth.enableNonRepudiationChecks],
      [oauth.customFetch]: fetchOver(host, options),
      timeout: NEVER_SECONDS,
    }),
  )
  configuration.timeout = NEVER_SECONDS
  const server = configuration.serverMetadata()
  const { method, because } = chooseClientAuth(profile.client, server)
  options.tell?.(`client authentication: ${method} (${because})`)
  authenticate = await CLIENT_AUTH[method]({ client: profile.client, secrets })
  const secret =
    profile.client.secret && method.startsWith('client_secret_basic') ? await secrets(profile.client.secret, 'client secret') : undefined
  return {
    profile,
    configuration,
    metadata: server,
    clientAuth: method,
    secrets,
    options,
    clientHint: basicHint(method, profile.client.id, secret),
  }
}

/** The transport has its own timeout for each request; the library's would only hide which one it was. */
const NEVER_SECONDS = 86_400

async function discover(...[server, id, metadata, auth, options]: Parameters<typeof oauth.discovery>): Promise<oauth.Configuration> {
  try {
    return await oauth.discovery(server, id, metadata, auth, options)
  } catch (cause) {
    const status = cause instanceof oauth.ClientError && cause.cause instanceof Response ? cause.cause.status : undefined
    if (status !== 404) throw cause
    return oauth.discovery(server, id, metadata, auth, { ...options, algorithm: 'oauth2' }).catch(() => {
      throw cause
    })
  }
}

/** The profile's client certificate joins the connection (RFC 8705); its key is `client.key`. */
async function withClientCertificate(
  { client }: Profile,
  { tls }: ClientOptions,
  { cwd }: Pick<ClientHost, 'cwd'>,
  secrets: Secrets,
): Promise<{ tls?: TlsOptions }> {
  if (!client.cert) return tls ? { tls } : {}
  const cert = await readFile(resolve(cwd, client.cert), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_SECRET_UNAVAILABLE', `certificate of client ${client.id}: ${client.cert} cannot be read (${cause.code})`, {
      cause,
      hint: 'Check client.cert in the profile',
    })
  })
  if (!holdsPem(cert, 'certificate')) {
    throw new OidcgwError('ERR_SECRET_UNAVAILABLE', `certificate of client ${client.id}: ${client.cert} holds no certificate`, {
      hint: pemHint('certificate'),
    })
  }
  const what = `private key of client ${client.id}`
  const text = client.key && (await secrets(client.key, what))
  return { tls: { ...tls, cert, ...(text && { key: text.trimStart().startsWith('{') ? pemOf(text) : text }) } }
}

const pemOf = (jwk: string): string =>
  createPrivateKey({ key: JSON.parse(jwk) as Parameters<typeof createPrivateKey>[0] & object, format: 'jwk' } as never)
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()

/**
 * The endpoint of that name.
 * @throws {OidcgwError} `ERR_UNSUPPORTED` when the provider's metadata has none.
 */
export function requireEndpoint({ metadata }: Pick<Provider, 'metadata'>, name: string, purpose: string): URL {
  const endpoint = metadata[name]
  if (typeof endpoint === 'string' && URL.canParse(endpoint)) return new URL(endpoint)
  throw new OidcgwError('ERR_UNSUPPORTED', `${metadata.issuer} offers no ${purpose}: its metadata has no ${name}`)
}
