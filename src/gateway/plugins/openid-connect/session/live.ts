import type { Session } from '../types.js'
import type { Entry } from './envelope.js'
import type { Ticket } from './jar.js'

/** A session of this request with what its cookie and store hold. */
export interface Live {
  readonly session: Session
  readonly ticket: Ticket
  readonly entries: readonly Entry[]
  readonly remembered: Ticket | undefined
}
