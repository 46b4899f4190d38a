import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const PROGRAM = '/usr/sbin/apache2'
const MODULES = '/usr/lib/apache2/modules'

/** Names of the modules that are not installed here; none when all are. */
export const missingModules = (): string[] => ['mod_auth_openidc.so', 'mod_oauth2.so'].filter((name) => !existsSync(join(MODULES, name)))

export interface ApacheOptions {
  readonly port: number
  readonly issuer: string
  readonly jwksUri: string
  readonly upstream: string
  readonly client: { readonly client_id: string; readonly client_secret: string }
  readonly introspector: { readonly client_id: string; readonly client_secret: string }
}

/** A port that was free a moment ago: Apache must be told one. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts Apache in front of an upstream: `/web` by code flow, `/oauth` by introspection, `/both` by either, `/o2` by the key set, `/open` unprotected. */
export async function startApache(options: ApacheOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'oidcgw-apache-'))
  const file = join(folder, 'apache.conf')
  writeFileSync(file, configuration(folder, options))
  const child = spawn(PROGRAM, ['-f', file, '-DFOREGROUND'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = `http://127.0.0.1:${options.port}`
  for (let tries = 0; !(await answers(`${url}/open/get`)); tries++) {
    if (tries > 100 || child.exitCode !== null) throw new Error(`Apache does not start: ${output}\n${logOf(folder)}`)
    await sleep(100)
  }
  return {
    url,
    close: async () => {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )

const logOf = (folder: string): string => (existsSync(join(folder, 'error.log')) ? readFileSync(join(folder, 'error.log'), 'utf8') : '')

function configuration(folder: string, { port, issuer, jwksUri, upstream, client, introspector }: ApacheOptions): string {
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'proxy', 'proxy_http', 'headers', 'auth_openidc', 'oauth2']
  const metadata = `${issuer}/.well-known/openid-configuration`
  // Running as root (in a container) Apache insists on a user for its children.
  const user = process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''
  const proxied = ['open', 'web', 'oauth', 'both', 'o2'].map(
    (name) => `ProxyPass /${name}/ ${upstream}/\nProxyPassReverse /${name}/ ${upstream}/`,
  )
  return `ServerRoot ${folder}
ServerName 127.0.0.1
PidFile ${folder}/apache.pid
Mutex file:${folder} default
ErrorLog ${folder}/error.log
${user}
Listen 127.0.0.1:${port}
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
ProxyPass /web/redirect_uri !
${proxied.join('\n')}

OIDCProviderMetadataURL ${metadata}
OIDCClientID ${client.client_id}
OIDCClientSecret ${client.client_secret}
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCRedirectURI /web/redirect_uri
OIDCCryptoPassphrase a-passphrase-of-the-tests-only
OIDCScope "openid profile"
OIDCPKCEMethod S256
OIDCOAuthServerMetadataURL ${metadata}
OIDCOAuthClientID ${introspector.client_id}
OIDCOAuthClientSecret ${introspector.client_secret}

<Location /web>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /oauth>
  AuthType oauth20
  Require valid-user
</Location>
<Location /both>
  AuthType auth-openidc
  # With mod_oauth2 loaded it is that module which takes the token of a mixed location.
  OAuth2TokenVerify jwks_uri ${jwksUri} jwks_uri.ssl_verify=false
  Require valid-user
</Location>
<Location /o2>
  AuthType oauth2
  OAuth2TokenVerify jwks_uri ${jwksUri} jwks_uri.ssl_verify=false
  Require valid-user
</Location>
`
}
