import type { AdapterFactory, Provider } from 'oidc-provider'
import type * as Library from 'oidc-provider'
import type { Accounts } from './accounts.js'
import type { Applications } from './applications.js'
import type { KeyRing } from './keys.js'
import type { Resource } from './resources.js'
import type { Settings } from './settings.js'
import type { Tampers } from './tamper.js'
import type { TrustedIssuer } from './trust.js'

/** Why the provider refused something, in more words than the caller was told. */
export interface Problem {
  /** `grant.error`, `authorization.error`, `server_error`, … */
  readonly event: string
  /** The OAuth error code. */
  readonly error: string
  readonly detail?: string
}

/** Everything that outlives one provider object. Key rotation builds a new provider over the same state. */
export interface IdpState {
  readonly issuer: string
  /** Path of the issuer, without a slash at the end; usually empty. */
  readonly basePath: string
  /** Whether the listener speaks TLS and sees client certificates. */
  readonly hasTls: boolean
  readonly applications: Applications
  readonly accounts: Accounts
  readonly resources: readonly Resource[]
  readonly settings: Settings
  /** Whose assertions the JWT bearer grant believes. */
  readonly trusted: TrustedIssuer[]
  readonly keys: KeyRing
  readonly tampers: Tampers
  /** When each device code was last polled, milliseconds since the epoch. */
  readonly polls: Map<string, number>
  readonly storage: AdapterFactory
  readonly cookieKeys: readonly string[]
  readonly dpopNonceSecret: Buffer
  /** In front of the ids under which JWT access tokens are remembered, so that a `jti` alone is no credential. */
  readonly tokenPrefix: string
  readonly now: () => Date
  readonly onProblem: ((problem: Problem) => void) | undefined
  /** The library itself, loaded when the provider starts. */
  readonly library: typeof Library
  provider: Provider
}
