import { OidcgwError } from '../errors.js'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|.*\.localhost)$/

/** A credential never goes over plain http beyond loopback unless the person said so. @throws {OidcgwError} `ERR_INSECURE_TRANSPORT`. */
export function checkTransportSecurity(origin: string, carriesCredential: boolean, allowHttp: boolean | undefined): void {
  const { protocol, hostname } = new URL(origin)
  if (protocol === 'https:' || allowHttp || !carriesCredential || LOOPBACK.test(hostname)) return
  throw new OidcgwError('ERR_INSECURE_TRANSPORT', `a credential would go to ${origin} unencrypted`, {
    hint: 'Use https, or say --allow-http',
  })
}
