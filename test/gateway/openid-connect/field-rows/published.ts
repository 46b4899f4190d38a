import type { Answer } from '../../../support/protected-gateway.js'
import { opaque, type Asked } from './row.js'

/** A field that decides whether a document is taken at all: both arms are published through the Admin API, and asked when they are taken. */
export interface PublishedRow {
  readonly field: string
  /** Fields of both arms. */
  readonly base: Readonly<Record<string, unknown>>
  /** What the second arm adds. */
  readonly set: Readonly<Record<string, unknown>>
  readonly asks: readonly Asked[]
  /** `published` is the Admin API's answer; there are no others when it refuses. */
  readonly observe: (published: { readonly status: number; readonly body: string }, answers: readonly Answer[]) => unknown
  readonly default: unknown
  readonly changed: unknown
}

/** Section 1.17. */
export const PUBLISHED_ROWS: readonly PublishedRow[] = [
  {
    field: 'proof_of_possession_auth_methods_validation',
    base: { auth_methods: ['bearer', 'userinfo'], proof_of_possession_dpop: 'strict' },
    set: { proof_of_possession_auth_methods_validation: false },
    // taken, the check stays where it can be made (a JWT that is bound to nothing is refused) and is left out for userinfo
    asks: [(provider) => ({ bearer: provider.token() }), opaque],
    observe: ({ status, body }, answers) => [
      status,
      /proof of possession cannot protect \w+/.exec(body)?.[0],
      ...answers.map((answer) => answer.trace.reason ?? answer.status),
    ],
    default: [400, 'proof of possession cannot protect userinfo'],
    changed: [201, undefined, 'pop_failed', 200],
  },
]
