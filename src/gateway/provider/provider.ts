/** The gateway's own small client of one provider. */
export interface Provider {
  readonly issuer: string
}
