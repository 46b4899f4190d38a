import { randomBytes } from 'node:crypto'
import type { ClientMetadata } from 'oidc-provider'
import { OidcgwError } from '../errors.js'
import { DETAIL_TYPES } from './authorization-details.js'
import type { AccessTokenFormat } from './resources.js'

/** The four every provider starts with. */
export type ApplicationName = 'm2m' | 'web' | 'native' | 'introspector'

/** A registered client, as its owner sees it. */
export interface Application {
  readonly name: string
  readonly client_id: string
  /** Absent for public clients and for those that authenticate by keys or certificates. */
  readonly client_secret?: string
  readonly grant_types: readonly string[]
  readonly redirect_uris: readonly string[]
  readonly post_logout_redirect_uris: readonly string[]
  /** Default `client_secret_basic` (post is accepted alike), `none` without a secret. */
  readonly token_endpoint_auth_method: string
  /** Whether introspection of other applications' tokens says anything but inactive. Default: only `introspector`. */
  readonly mayIntrospect: boolean
  /** Default: the resource's, else the settings'. */
  readonly accessTokenFormat?: AccessTokenFormat
  /** Any other client metadata of RFC 7591 and its extensions (`jwks`, `require_pushed_authorization_requests`, …). */
  readonly metadata?: Readonly<Record<string, unknown>>
}

export type ApplicationOptions = Partial<Application>

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

const DEFAULTS: Readonly<Record<ApplicationName, ApplicationOptions>> = {
  m2m: { grant_types: ['client_credentials', JWT_BEARER, TOKEN_EXCHANGE] },
  web: {
    grant_types: ['authorization_code', 'refresh_token', 'password', 'client_credentials', DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE],
  },
  native: {
    grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE],
    token_endpoint_auth_method: 'none',
    // Without a port, any port matches (RFC 8252 §7.3).
    redirect_uris: LOOPBACK.flatMap((host) => [`http://${host}/callback`, `http://${host}/`]),
    post_logout_redirect_uris: LOOPBACK.flatMap((host) => [`http://${host}/`, `http://${host}/logged-out`]),
  },
  introspector: { grant_types: ['client_credentials'], mayIntrospect: true },
}

const WITHOUT_SECRET = ['none', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']

function complete(name: string, options: ApplicationOptions): Application {
  const token_endpoint_auth_method = options.token_endpoint_auth_method ?? 'client_secret_basic'
  const client_secret = options.client_secret ?? randomBytes(24).toString('base64url')
  return {
    name,
    client_id: options.client_id ?? name,
    grant_types: options.grant_types ?? ['authorization_code', 'refresh_token'],
    redirect_uris: options.redirect_uris ?? [],
    post_logout_redirect_uris: options.post_logout_redirect_uris ?? [],
    token_endpoint_auth_method,
    mayIntrospect: options.mayIntrospect ?? false,
    ...(!WITHOUT_SECRET.includes(token_endpoint_auth_method) && { client_secret }),
    ...(options.accessTokenFormat && { accessTokenFormat: options.accessTokenFormat }),
    ...(options.metadata && { metadata: options.metadata }),
  }
}

/** The registered applications and which of them are switched off. */
export class Applications {
  readonly #byId = new Map<string, Application>()
  readonly #inactive = new Set<string>()

  constructor(options: Readonly<Partial<Record<ApplicationName, ApplicationOptions>>> & Readonly<Record<string, ApplicationOptions>>) {
    const names = new Set([...Object.keys(DEFAULTS), ...Object.keys(options)])
    for (const name of names) this.add(name, { ...DEFAULTS[name as ApplicationName], ...options[name] })
  }

  /** @throws {OidcgwError} `ERR_USAGE` when the client_id is taken. */
  add(name: string, options: ApplicationOptions): Application {
    const application = complete(name, options)
    if (this.#byId.has(application.client_id)) {
      throw new OidcgwError('ERR_USAGE', `two applications have the client_id ${application.client_id}`, {
        hint: 'Give each its own client_id',
      })
    }
    this.#byId.set(application.client_id, application)
    return application
  }

  get all(): readonly Application[] {
    return [...this.#byId.values()]
  }

  /** By client_id, else by name. */
  find(clientId: string): Application | undefined {
    return this.#byId.get(clientId) ?? this.all.find(({ name }) => name === clientId)
  }

  /** @throws {OidcgwError} `ERR_USAGE` when there is none. */
  get(clientId: string): Application {
    const application = this.find(clientId)
    if (application) return application
    throw new OidcgwError('ERR_USAGE', `no application has the client_id ${clientId}`, {
      hint: `Known: ${this.all.map(({ client_id }) => client_id).join(', ')}`,
    })
  }

  update(clientId: string, change: (application: Application) => Partial<Application>): Application {
    const application = this.get(clientId)
    const updated = { ...application, ...change(application) }
    this.#byId.set(application.client_id, updated)
    return updated
  }

  isActive(clientId: string): boolean {
    return this.#byId.has(clientId) && !this.#inactive.has(clientId)
  }

  setActive(clientId: string, active: boolean): void {
    const { client_id } = this.get(clientId)
    if (active) this.#inactive.delete(client_id)
    else this.#inactive.add(client_id)
  }

  /** What the provider library is told; nothing about a deactivated application. */
  metadataOf(clientId: string): ClientMetadata | undefined {
    const application = this.isActive(clientId) ? this.#byId.get(clientId) : undefined
    if (!application) return undefined
    const isPublic = application.token_endpoint_auth_method === 'none'
    // Without a redirect URI there is no redirect to make: the library wants neither the grant nor a response type then.
    const redirects = application.redirect_uris.length > 0
    return {
      client_id: application.client_id,
      client_name: application.name,
      ...(application.client_secret !== undefined && { client_secret: application.client_secret }),
      application_type: isPublic ? 'native' : 'web',
      token_endpoint_auth_method: application.token_endpoint_auth_method as NonNullable<ClientMetadata['token_endpoint_auth_method']>,
      grant_types: application.grant_types.filter((grant) => redirects || (grant !== 'authorization_code' && grant !== 'implicit')),
      response_types: redirects ? ['code'] : [],
      redirect_uris: [...application.redirect_uris],
      post_logout_redirect_uris: [...application.post_logout_redirect_uris],
      introspection_signed_response_alg: 'RS256',
      authorization_details_types: [...DETAIL_TYPES],
      ...application.metadata,
    }
  }
}
