import { readFile } from 'node:fs/promises'
import { resolve as resolvePath } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host, TlsOptions } from '../../host.js'
import type { TransportOptions } from '../../probe/transport.js'
import type { SharedOptions } from '../context.js'

/** TLS and addressing flags as the transport takes them; PEM files are read here. */
export async function transportOptions(
  options: SharedOptions & { readonly resolve?: readonly string[] },
  host: Host,
): Promise<TransportOptions> {
  const pem = async (flag: string, path: string | undefined): Promise<string | undefined> => {
    if (path === undefined) return undefined
    return readFile(resolvePath(host.cwd, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${flag}: ${path} cannot be read (${cause.code ?? 'error'})`, { cause })
    })
  }
  const [ca, cert, key] = await Promise.all([pem('--ca-file', options.caFile), pem('--cert', options.cert), pem('--key', options.key)])
  if (options.insecure) host.stderr.write('oidcgw: --insecure: server certificates are not verified\n')
  const tls: TlsOptions = {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(options.insecure && { allowInvalidCertificate: true }),
  }
  return { env: host.env, tls, ...(options.resolve && { resolve: parseResolve(options.resolve) }) }
}

function parseResolve(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const match = /^([^:]+:\d+):\[?([^\]]+)\]?$/.exec(entry)
      if (!match?.[1] || !match[2]) {
        throw new OidcgwError('ERR_USAGE', `--resolve: "${entry}" is no host:port:address`, {
          hint: 'For example api.example:443:127.0.0.1',
        })
      }
      return [match[1], match[2]] as const
    }),
  )
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|.*\.localhost)$/

/** A credential never goes over plain http beyond loopback unless the person said so. @throws {OidcgwError} `ERR_INSECURE_TRANSPORT`. */
export function checkTransportSecurity(origin: string, carriesCredential: boolean, allowHttp: boolean | undefined): void {
  const { protocol, hostname } = new URL(origin)
  if (protocol === 'https:' || allowHttp || !carriesCredential || LOOPBACK.test(hostname)) return
  throw new OidcgwError('ERR_INSECURE_TRANSPORT', `a credential would go to ${origin} unencrypted`, {
    hint: 'Use https, or say --allow-http',
  })
}
