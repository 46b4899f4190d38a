import type { SessionData } from '../types.js'

/** What one plugin instance keeps in a session that several may share (`session_audience`). */
export interface Entry {
  readonly audience: string
  readonly issuer: string
  /** The client the tokens were issued to; an instance without a client of its own may use them. */
  readonly client_id: string | null
  readonly subject: string | null
  /** Seconds since the epoch. */
  readonly createdAt: number
  readonly data: SessionData
}

/** Whose entry a plugin instance may read. */
export interface Owner {
  readonly audience: string
  readonly issuer: string
  readonly clientIds: readonly string[] | null
}

export const encodeEntries = (entries: readonly Entry[]): Buffer => Buffer.from(JSON.stringify(entries))

/** The content is authenticated: it is what some instance with this secret wrote. */
export const decodeEntries = (plain: Buffer): readonly Entry[] => JSON.parse(plain.toString('utf8')) as readonly Entry[]

/** Same audience, issuer and client: another instance's session never opens this one (G-121). */
export const ownEntry = (entries: readonly Entry[], { audience, issuer, clientIds }: Owner): Entry | undefined =>
  entries.find(
    (entry) =>
      entry.audience === audience &&
      entry.issuer === issuer &&
      (clientIds === null || entry.client_id === null || clientIds.includes(entry.client_id)),
  )

/** The entries beside the new one: one a label, and only those of the same subject when that is enforced. */
export const withEntry = (entries: readonly Entry[], entry: Entry, sameSubject: boolean): readonly Entry[] => [
  ...entries.filter(({ audience, subject }) => audience !== entry.audience && (!sameSubject || subject === entry.subject)),
  entry,
]
