import type { Application, ApplicationOptions } from './applications.js'
import type { EndpointName } from './endpoints.js'
import type { Fault } from './faults.js'
import type { Settings } from './settings.js'
import type { Tamper } from './tamper.js'
import type { TrustedIssuer } from './trust.js'

export type Counters = Readonly<Record<EndpointName, number>>

type Eventually<T> = T | Promise<T>

/**
 * What tests and stories do to a running provider, the same in process (`Idp`) and over HTTP (`connectControl`).
 * Applications are named by client_id or by name.
 */
export interface IdpControl {
  /** Every token of the application is inactive at once, and it can no longer authenticate; signatures of JWTs still verify. */
  deactivate(application: string): Eventually<void>
  /** Takes it back: tokens that have not expired are active again. */
  activate(application: string): Eventually<void>
  /** Allows one more exact redirect URI. */
  allowRedirect(application: string, redirectUri: string): Eventually<void>
  /** Allows one more exact post-logout redirect URI. */
  allowLogoutRedirect(application: string, redirectUri: string): Eventually<void>
  /** Registers one more application and returns it, secret included. */
  addApplication(name: string, options: ApplicationOptions): Eventually<Application>
  /** Believes this issuer's assertions from now on (RFC 7523 §2.1). */
  trust(issuer: TrustedIssuer): Eventually<void>
  /** New signing keys; the old ones stay published unless `keepOld` is false. Resolves to the new kid. */
  rotateKeys(options?: { readonly keepOld?: boolean }): Promise<string>
  /** Requests by endpoint since the start or the last reset. */
  counters(): Eventually<Counters>
  resetCounters(): Eventually<void>
  /** Lets something go wrong; see {@link Fault}. */
  fault(fault: Fault): Eventually<unknown>
  /** Falsifies tokens and answers on their way out; over HTTP `claims` cannot be a function. */
  tamper(tamper: Tamper): Eventually<unknown>
  /** Takes all faults and falsifications away. */
  clearFaults(): Eventually<void>
  /** Changes some settings, for all requests from now on. */
  configure(settings: Partial<Settings>): Eventually<void>
}
