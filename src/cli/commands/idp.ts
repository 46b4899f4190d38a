import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { redactText } from '../../http/redact.js'
import type { ApplicationOptions } from '../../idp/applications.js'
import { startIdp, type Idp, type IdpOptions } from '../../idp/idp.js'
import type { JwkSet } from '../../jwt/types.js'
import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { writeEnvFile } from './idp-env.js'
import { readPemFile } from './pem-file.js'
import { untilAborted } from './until-aborted.js'

export interface IdpCommandOptions {
  readonly port?: number
  readonly issuerHost?: string
  readonly issuerPath?: string
  readonly redirectUri?: readonly string[]
  readonly accessToken?: 'jwt' | 'opaque'
  readonly jwks?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsCa?: string
  readonly showSecrets?: boolean
  readonly writeEnv?: string
}

/** Runs the embedded provider until Ctrl-C, which is its regular end. */
export const idp: Command<readonly [], IdpCommandOptions> = async (_args, options, { host, out, err }) => {
  const running = await startIdp(await idpOptions(options, host))
  try {
    if (options.writeEnv !== undefined) await writeEnv(running, options.writeEnv, host.cwd)
    if (wantsJson(options)) writeJson(host, { schema: 'oidcgw/idp/v1', ...describe(running, options.showSecrets === true) })
    else host.stdout.write(textOf(running, options.showSecrets === true, out.strong))
    if (!options.quiet) {
      if (!options.showSecrets && options.writeEnv === undefined) {
        host.stderr.write(`${err.dim('Secrets and passwords: --show-secrets prints them, --write-env FILE writes them.')}\n`)
      }
      host.stderr.write(`${err.dim('The provider runs; Ctrl-C stops it.')}\n`)
    }
    await untilAborted(host.signal)
    return EXIT.yes
  } finally {
    await running.close()
  }
}

async function writeEnv(running: Idp, path: string, cwd: string): Promise<void> {
  await writeEnvFile(running, resolve(cwd, path)).catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_USAGE', `${path} cannot be written (${cause.code ?? 'error'})`, {
      cause,
      hint: 'Check the path given to --write-env',
    })
  })
}

async function idpOptions(options: IdpCommandOptions & { readonly quiet?: boolean }, host: Host): Promise<IdpOptions> {
  const { env } = host
  const read = (name: string, path: string) =>
    readFile(resolve(host.cwd, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${path} cannot be read (${cause.code ?? 'error'})`, {
        cause,
        hint: `Check the path given to ${name}`,
      })
    })
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
    throw new OidcgwError('ERR_USAGE', '--tls-cert and --tls-key go together', { hint: 'Give both, or neither' })
  }
  return {
    port: options.port ?? 0,
    ...(options.issuerHost !== undefined && { issuerHost: options.issuerHost }),
    ...(options.issuerPath !== undefined && { issuerPath: options.issuerPath }),
    ...(options.accessToken && { settings: { accessTokenFormat: options.accessToken } }),
    ...(options.jwks !== undefined && { jwks: parseJwks(options.jwks, await read('--jwks', options.jwks)) }),
    ...(options.tlsCert !== undefined &&
      options.tlsKey !== undefined && {
        tls: {
          cert: await readPemFile('--tls-cert', options.tlsCert, 'certificate', host),
          key: await readPemFile('--tls-key', options.tlsKey, 'private key', host),
          ...(options.tlsCa !== undefined && { ca: await readPemFile('--tls-ca', options.tlsCa, 'certificate', host) }),
        },
      }),
    ...(env['OIDCGW_IDP_CONTROL_SECRET'] && { controlSecret: env['OIDCGW_IDP_CONTROL_SECRET'] }),
    applications: {
      m2m: fromEnvironment(env, 'OIDCGW_IDP_M2M'),
      introspector: fromEnvironment(env, 'OIDCGW_IDP_INTROSPECTOR'),
      native: fromEnvironment(env, 'OIDCGW_IDP_NATIVE'),
      web: webFromEnvironment(env, options.redirectUri ?? []),
    },
    onProblem: ({ event, error, detail }) => {
      if (!options.quiet) host.stderr.write(`${redactText(`${event} ${error}${detail ? `: ${detail}` : ''}`)}\n`)
    },
  }
}

function fromEnvironment(env: Host['env'], prefix: string): ApplicationOptions {
  const [client_id, client_secret] = [env[`${prefix}_CLIENT_ID`], env[`${prefix}_CLIENT_SECRET`]]
  return { ...(client_id && { client_id }), ...(client_secret && { client_secret }) }
}

function webFromEnvironment(env: Host['env'], given: readonly string[]): ApplicationOptions {
  const redirect_uris = [...given, ...(env['OIDCGW_IDP_REDIRECT_URIS'] ?? '').split(/[\s,]+/).filter(Boolean)]
  const wrong = redirect_uris.find((uri) => !URL.canParse(uri))
  if (wrong !== undefined) {
    throw new OidcgwError('ERR_USAGE', `the redirect URI ${wrong} is no absolute URL`, {
      hint: 'Write it as http://127.0.0.1:8000/callback',
    })
  }
  return { ...fromEnvironment(env, 'OIDCGW_IDP'), ...(redirect_uris.length > 0 && { redirect_uris }) }
}

function parseJwks(file: string, text: string): JwkSet {
  const wrong = (cause?: unknown) =>
    new OidcgwError('ERR_NOT_A_KEY', `${file} is no set of private keys`, {
      cause,
      hint: 'Give a JWKS: {"keys":[…]} with private RSA or EC keys',
    })
  try {
    const set = JSON.parse(text) as Partial<JwkSet>
    if (!Array.isArray(set.keys) || set.keys.length === 0 || !set.keys.every((key) => typeof key?.d === 'string')) throw wrong()
    return { keys: set.keys }
  } catch (cause) {
    throw cause instanceof OidcgwError ? cause : wrong(cause)
  }
}

function describe(running: Idp, showSecrets: boolean): Record<string, unknown> {
  return {
    issuer: running.issuer,
    control: running.controlUrl,
    ...(showSecrets && { control_secret: running.controlSecret }),
    applications: Object.values(running.applications).map(({ name, client_id, client_secret, grant_types, redirect_uris }) => ({
      name,
      client_id,
      ...(showSecrets && client_secret !== undefined && { client_secret }),
      grant_types,
      redirect_uris,
    })),
    accounts: running.accounts.map(({ username, password, groups }) => ({ username, ...(showSecrets && { password }), groups })),
  }
}

function textOf(running: Idp, showSecrets: boolean, strong: (text: string) => string): string {
  const { issuer, controlUrl, controlSecret, accounts } = running
  const applications = Object.values(running.applications)
  const short = (grant: string): string => grant.replace(/^urn:ietf:params:oauth:grant-type:/, '')
  const rows = (lines: readonly (readonly [name: string, secret: string | undefined, what: string])[]): string[] => {
    const width = (column: 0 | 1): number => Math.max(...lines.map((line) => line[column]?.length ?? 0)) + 2
    return lines.map(([name, secret = '', what]) => {
      const secretColumn = showSecrets ? secret.padEnd(width(1)) : ''
      return `  ${strong(name)}${' '.repeat(width(0) - name.length)}${secretColumn}${what}`
    })
  }
  return [
    `issuer   ${strong(issuer)}`,
    `control  ${controlUrl}${showSecrets ? `  ${controlSecret}` : ''}`,
    '',
    'applications',
    ...rows(
      applications.map(({ client_id, client_secret, grant_types }) => [
        client_id,
        client_secret,
        `${client_secret === undefined ? '(public) ' : ''}${grant_types.map(short).join(' ')}`,
      ]),
    ),
    '',
    'accounts',
    ...rows(accounts.map(({ username, password, groups }) => [username, password, `groups: ${groups.join(', ')}`])),
    '',
  ].join('\n')
}
