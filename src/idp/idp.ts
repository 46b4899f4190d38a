import { randomBytes } from 'node:crypto'
import type { JwkSet } from '../jwt/types.js'
import { Accounts, DEFAULT_ACCOUNTS, type Account } from './accounts.js'
import { Applications, type Application, type ApplicationName, type ApplicationOptions } from './applications.js'
import { CONTROL_PATH } from './control-api.js'
import type { Counters, IdpControl } from './control.js'
import { ENDPOINTS, type EndpointName } from './endpoints.js'
import { Faults, type Fault } from './faults.js'
import { KeyRing, type SigningAlg } from './keys.js'
import { buildProvider } from './provider.js'
import { quietly } from './quietly.js'
import { DEFAULT_RESOURCES, type Resource } from './resources.js'
import { handle, listen, type IdpTls } from './server.js'
import { DEFAULT_SETTINGS, type Settings } from './settings.js'
import { signJwt, type Claims } from './signing.js'
import type { IdpState, Problem } from './state.js'
import { createStorage } from './storage.js'
import { Tampers, type Tamper } from './tamper.js'
import type { TrustedIssuer } from './trust.js'

export interface IdpOptions {
  /** TCP port on 127.0.0.1; 0 (the default) picks a free one. */
  readonly port?: number
  /** Host name in the issuer. Default `127.0.0.1`; the listener stays on that address. */
  readonly issuerHost?: string
  /** Path of the issuer, e.g. `/oauth2/default`. Default: none. */
  readonly issuerPath?: string
  /** Listens with TLS and asks for client certificates. */
  readonly tls?: IdpTls
  /** Changes to the four applications, and more of them, by name. */
  readonly applications?: Readonly<Record<string, ApplicationOptions>>
  /** In place of alice and bob. */
  readonly accounts?: readonly Account[]
  /** In place of the default APIs; the first one is meant when a request names none. */
  readonly resources?: readonly Resource[]
  /** Private keys to sign with. Default: new ones at every start. */
  readonly jwks?: JwkSet
  /** Algorithms to make keys for when none are given. Default RS256 and ES256. */
  readonly signingAlgs?: readonly SigningAlg[]
  readonly settings?: Partial<Settings>
  /** Whose assertions the JWT bearer grant believes (RFC 7523). Default: nobody's. */
  readonly trustedIssuers?: readonly TrustedIssuer[]
  /** Opens the control API. Default: random. */
  readonly controlSecret?: string
  /** Hears why requests were refused. */
  readonly onProblem?: (problem: Problem) => void
  /** Our own bookkeeping only; the provider library keeps real time. Default: real time. */
  readonly now?: () => Date
}

/** A running provider. */
export interface Idp extends IdpControl {
  /** Without a slash at the end. */
  readonly issuer: string
  /** The four by name, and those added. Secrets included: this is a provider for tests. */
  readonly applications: Readonly<Record<ApplicationName, Application>> & Readonly<Record<string, Application>>
  readonly accounts: readonly Account[]
  readonly controlUrl: string
  readonly controlSecret: string
  deactivate(application: string): void
  activate(application: string): void
  allowRedirect(application: string, redirectUri: string): void
  allowLogoutRedirect(application: string, redirectUri: string): void
  addApplication(name: string, options: ApplicationOptions): Application
  counters(): Counters
  resetCounters(): void
  /** Falsifies tokens and answers on their way out; see {@link Tamper}. Returns what takes it away again. */
  tamper(tamper: Tamper): () => void
  /** Returns what takes the fault away again. */
  fault(fault: Fault): () => void
  clearFaults(): void
  configure(settings: Partial<Settings>): void
  trust(issuer: TrustedIssuer): void
  /** A JWT by the provider's current key of `alg` (default RS256), with any header and claims. Introspection does not know it. */
  sign(payload: Claims, options?: { readonly alg?: SigningAlg; readonly header?: Claims }): string
  /** Closes all connections and the listener. Calling it again does nothing. */
  close(): Promise<void>
}

/**
 * Starts the embedded provider on loopback. Resolves when it answers.
 * @throws {OidcgwError} `ERR_PORT_BUSY`; `ERR_USAGE` when two applications share a client_id.
 */
export async function startIdp(options: IdpOptions = {}): Promise<Idp> {
  const now = options.now ?? (() => new Date())
  const applications = new Applications(options.applications ?? {})
  const [{ server, port }, library, keys] = await Promise.all([
    listen(options.port ?? 0, options.tls),
    quietly(() => import('oidc-provider')),
    options.jwks ? KeyRing.from(options.jwks) : KeyRing.create(options.signingAlgs ?? ['RS256', 'ES256']),
  ])
  const basePath = (options.issuerPath ?? '').replace(/\/+$/, '')
  const issuer = `${options.tls ? 'https' : 'http'}://${options.issuerHost ?? '127.0.0.1'}:${port}${basePath}`
  const base: Omit<IdpState, 'provider'> = {
    issuer,
    basePath,
    hasTls: options.tls !== undefined,
    applications,
    accounts: new Accounts(options.accounts ?? DEFAULT_ACCOUNTS),
    resources: options.resources ?? DEFAULT_RESOURCES,
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    trusted: [...(options.trustedIssuers ?? [])],
    keys,
    tampers: new Tampers(keys),
    polls: new Map(),
    storage: createStorage((clientId) => applications.metadataOf(clientId), now),
    cookieKeys: [randomBytes(32).toString('base64url')],
    dpopNonceSecret: randomBytes(32),
    tokenPrefix: randomBytes(16).toString('base64url'),
    library,
    now,
    onProblem: options.onProblem,
  }
  const state = base as IdpState
  const faults = new Faults()
  const counts = new Map<EndpointName, number>()
  const controlSecret = options.controlSecret ?? randomBytes(24).toString('base64url')

  const idp: Idp = {
    issuer,
    get applications() {
      return Object.fromEntries(applications.all.map((application) => [application.name, application])) as Idp['applications']
    },
    accounts: state.accounts.all,
    controlUrl: `${issuer}${CONTROL_PATH}`,
    controlSecret,
    deactivate: (application) => applications.setActive(application, false),
    activate: (application) => applications.setActive(application, true),
    allowRedirect: (application, redirectUri) =>
      void applications.update(application, ({ redirect_uris }) => ({ redirect_uris: [...new Set([...redirect_uris, redirectUri])] })),
    allowLogoutRedirect: (application, redirectUri) =>
      void applications.update(application, ({ post_logout_redirect_uris }) => ({
        post_logout_redirect_uris: [...new Set([...post_logout_redirect_uris, redirectUri])],
      })),
    addApplication: (name, application) => applications.add(name, application),
    rotateKeys: async ({ keepOld = true } = {}) => {
      const kid = await keys.rotate({ keepOld })
      state.provider = await buildProvider(state)
      return kid
    },
    counters: () => Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, counts.get(endpoint) ?? 0])) as Counters,
    resetCounters: () => counts.clear(),
    fault: (fault) => faults.add(fault),
    tamper: (tamper) => state.tampers.add(tamper),
    clearFaults: () => {
      faults.clear()
      state.tampers.clear()
    },
    configure: (settings) => void Object.assign(state.settings, settings),
    trust: (trusted) => void state.trusted.push(trusted),
    sign: (payload, { alg = 'RS256', header = {} } = {}) => {
      const key = keys.current(alg)
      if (!key) throw new TypeError(`no ${alg} key`)
      return signJwt({ header, payload }, key)
    },
    close: async () => {
      if (!server.listening) return
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
  const count = (endpoint: EndpointName): void => void counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1)
  try {
    state.provider = await buildProvider(base)
  } catch (error) {
    await idp.close()
    throw error
  }
  server.on('request', (request, response) => {
    handle(request, response, { state, control: idp, controlSecret, faults, count }).catch(() => {
      if (response.headersSent) response.destroy()
      else response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"server_error"}')
    })
  })
  return idp
}
