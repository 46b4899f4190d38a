/** How the text of an entry lies on disk. Opening something sealed otherwise, or tampered with, gives undefined. */
export interface Seal {
  readonly kind: 'file' | 'encrypted' | 'keyring'
  seal(text: string, key: string): Promise<string>
  open(sealed: string, key: string): Promise<string | undefined>
}

/** As it is; the file's 0600 protects it. */
export const PLAIN_SEAL: Seal = {
  kind: 'file',
  seal: async (text) => text,
  open: async (sealed) => sealed,
}
