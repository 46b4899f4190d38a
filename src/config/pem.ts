const BLOCKS = {
  certificate: /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/,
  'private key': /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/,
} as const

export type PemKind = keyof typeof BLOCKS

/** Whether a text is PEM of that kind. OpenSSL passes over certificates that are none, as if nobody had named them. */
export const holdsPem = (text: string, kind: PemKind): boolean => BLOCKS[kind].test(text)

/** What to do about one that is not. */
export const pemHint = (kind: PemKind): string => `Expected PEM: -----BEGIN ${kind.toUpperCase()}-----`
