import type { TlsOptions } from '../../host.js'
import type { Presentation } from '../../profile/profile.js'
import type { Expectation } from '../expect/index.js'
import type { JsonQuery } from '../json-path.js'

/** A suite, checked: cases expanded, files found, names known. Texts may still hold `${…}`. */
export interface ProbeSuite {
  readonly name: string
  readonly gateway: SuiteGateway
  readonly setup: readonly ProbeCase[]
  readonly cases: readonly ProbeCase[]
  /** Run whatever happened before. */
  readonly teardown: readonly ProbeCase[]
  /** PEM texts of the suite's own client certificate and roots. */
  readonly tls?: TlsOptions
  readonly resolve?: Readonly<Record<string, string>>
}

export interface SuiteGateway {
  readonly url: string
  /** Where the upstream shows what it received; see `readEcho`. */
  readonly echo?: string
}

export interface ProbeCase {
  readonly name: string
  readonly request: RequestTemplate
  /** A profile, `none`, or `basic:…`. */
  readonly as: string
  /** How the credential is carried; the profile's own way when absent. */
  readonly present?: Presentation
  readonly expect: Expectation
  readonly capture: Readonly<Record<string, CaptureSource>>
  /** Redirects followed at most. 0: none. */
  readonly follow: number
  /** A named cookie jar shared within the suite; without one a case starts with no cookies. */
  readonly jar?: string
  readonly timeoutMs?: number
  readonly retry?: RetryOptions
  readonly repeat: number
  readonly tags: readonly string[]
  /** Why it is not run. */
  readonly skip?: string
  readonly only: boolean
  /** A positive control: when it is refused, the suite's refusals prove nothing. */
  readonly control: boolean
  readonly cell?: { readonly route: string; readonly expected: string }
  /** `oidcgw.yaml:12:7`. */
  readonly where: string
}

/** Tries again until every assertion holds or the time is up. Milliseconds. */
export interface RetryOptions {
  readonly forMs: number
  readonly everyMs: number
}

export interface RequestTemplate {
  readonly method: string
  /** A path on the gateway, or an absolute URL. Sent as written. */
  readonly target: string
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly cookies: readonly (readonly [name: string, value: string])[]
  readonly body?: BodyTemplate
}

export type BodyTemplate =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly fields: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'multipart'; readonly parts: readonly PartTemplate[] }
  | { readonly kind: 'raw'; readonly text: string }
  /** Absolute path. */
  | { readonly kind: 'file'; readonly path: string }

export interface PartTemplate {
  readonly name: string
  readonly value?: string
  /** Absolute path. */
  readonly file?: string
  readonly type?: string
}

/** Where a captured value comes from. A capture that finds nothing fails the case. */
export type CaptureSource =
  | { readonly from: 'json'; readonly query: JsonQuery }
  | { readonly from: 'header'; readonly name: string; readonly pattern?: string }
  | { readonly from: 'cookie'; readonly name: string }
  | { readonly from: 'parameter'; readonly name: string }
  /** A claim of the JWT the upstream received in `authorization`. */
  | { readonly from: 'claim'; readonly name: string }
  | { readonly from: 'status' }
