/** A token response (RFC 6749 §5.1, wire names) with the time it came. */
export interface TokenSet {
  readonly access_token: string
  readonly token_type: string
  /** Seconds from `obtained_at`. */
  readonly expires_in?: number
  readonly refresh_token?: string
  readonly id_token?: string
  readonly scope?: string
  /** Seconds since the epoch, our clock. */
  readonly obtained_at: number
  readonly [extension: string]: unknown
}
