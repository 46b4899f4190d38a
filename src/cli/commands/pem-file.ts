import { createPrivateKey, X509Certificate } from 'node:crypto'
import { holdsPem, pemHint, type PemKind } from '../../config/pem.js'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { readInputFile } from './decode-input.js'

/**
 * The text of a PEM file that a flag names, for TLS.
 * @throws {OidcgwError} `ERR_INPUT_NOT_FOUND` when it is not there, `ERR_NOT_A_KEY` when it holds nothing of the kind.
 */
export async function readPemFile(flag: string, path: string, kind: PemKind, host: Pick<Host, 'cwd'>): Promise<string> {
  const text = await readInputFile(path, host, flag)
  if (holdsPem(text, kind)) return text
  throw new OidcgwError('ERR_NOT_A_KEY', `${path} holds no ${kind}`, { where: flag, hint: pemHint(kind) })
}

/**
 * That a client's certificate and key belong together: TLS itself would only say that it failed.
 * @throws {OidcgwError} `ERR_NOT_A_KEY` when they do not, or cannot be read.
 */
export function assertPair(cert: string, key: string): void {
  const refused = (problem: string, hint: string, cause?: unknown) => new OidcgwError('ERR_NOT_A_KEY', problem, { cause, hint })
  let isPair: boolean
  try {
    isPair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch (cause) {
    throw refused('--cert or --key cannot be read', 'The key must not be encrypted: openssl pkey -in FILE -out PLAIN', cause)
  }
  if (!isPair)
    throw refused('--key is not the key of --cert', 'Give the key that the certificate was made for; the certificate comes first')
}
