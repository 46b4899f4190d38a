import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { wantsJson, writeJson, type Command, type SharedOptions } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { clientOptions } from './login-context.js'

export interface InitFlags {
  /** For the embedded lab. */
  readonly demo?: boolean
  /** Replaces an existing file. */
  readonly force?: boolean
  /** Prints the JSON Schema of the project file instead. */
  readonly schema?: boolean
}

/** Writes a starter project file, asking for what is not given where somebody can be asked. */
export const init: Command<[], InitFlags> = async (_, flags, { host }) => {
  if (flags.schema) {
    const { projectJsonSchema } = await import('../../profile/json-schema.js')
    host.stdout.write(`${JSON.stringify(projectJsonSchema(), null, 2)}\n`)
    return EXIT.yes
  }
  const file = resolve(host.cwd, flags.config ?? host.env['OIDCGW_CONFIG'] ?? 'oidcgw.yaml')
  if (!flags.force && (await exists(file))) {
    throw new OidcgwError('ERR_USAGE', `${file} is there already`, { hint: 'Replace it with --force, or name another with -c' })
  }
  const answers = flags.demo ? DEMO : await ask(flags, host)
  await writeFileAtomic(file, starter(answers)).catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_USAGE', `${file} cannot be written (${cause.code ?? 'error'})`, {
      cause,
      hint: 'Check the path given to -c',
    })
  })
  if (wantsJson(flags)) writeJson(host, { schema: 'oidcgw/init/v1', file })
  else if (!flags.quiet) {
    const next = flags.demo
      ? `Next: oidcgw lab --idp-port ${DEMO_PORTS.idp} --gateway-port ${DEMO_PORTS.gateway}, and in another terminal: oidcgw login alice`
      : `Next: export CLIENT_SECRET=…, then oidcgw login`
    host.stderr.write(`wrote ${file}\n${next}\n`)
  }
  return EXIT.yes
}

interface Answers {
  readonly issuer: string
  readonly clientId: string
  readonly gateway: string
  readonly person: boolean
}

const DEMO_PORTS = { idp: 8180, gateway: 8000 }
const DEMO: Answers = {
  issuer: `http://127.0.0.1:${DEMO_PORTS.idp}/oauth2/default`,
  clientId: 'native',
  gateway: `http://127.0.0.1:${DEMO_PORTS.gateway}`,
  person: true,
}

async function ask({ issuer, clientId, ...flags }: SharedOptions, host: Host): Promise<Answers> {
  const { interactive } = await clientOptions(flags, host)
  const defaults = {
    issuer: issuer ?? 'https://idp.example/oauth2/default',
    clientId: clientId ?? 'my-client',
    gateway: 'http://127.0.0.1:8000',
  }
  if (!interactive) return { ...defaults, person: false }
  const { text, isCancel } = await import('@clack/prompts')
  const answer = async (message: string, initialValue: string): Promise<string> => {
    const value = await text({ message, initialValue, output: process.stderr, signal: host.signal })
    if (isCancel(value)) throw new OidcgwError('ERR_ABORTED', 'interrupted; nothing was written')
    return value
  }
  return {
    issuer: issuer ?? (await answer('Issuer of the provider', defaults.issuer)),
    clientId: clientId ?? (await answer('Client id', defaults.clientId)),
    gateway: await answer('URL of the gateway', defaults.gateway),
    person: false,
  }
}

/** Text rather than a serialised value: the comments are the point. */
function starter({ issuer, clientId, gateway, person }: Answers): string {
  const q = (value: string): string => JSON.stringify(value)
  const profile = person
    ? `  alice:
    issuer: ${q(issuer)}
    grant: authorization_code
    client: { id: ${q(clientId)}, auth: none }
    scope: openid profile groups
    # login: { driver: form, username: alice, password: env:ALICE_PASSWORD }   # signs in without a browser, for CI`
    : `  machine:
    issuer: ${q(issuer)}
    grant: client_credentials
    client: { id: ${q(clientId)}, secret: env:CLIENT_SECRET } # also file:PATH, cmd:COMMAND, prompt; never the secret itself
    # scope: orders.read
  # person: { extends: machine, grant: authorization_code, scope: openid }`
  const name = person ? 'alice' : 'machine'
  return `# Whom oidcgw talks to and as whom. Every field: oidcgw init --schema
version: 1
default_profile: ${name}
profiles:
${profile}

gateways:
  local: { url: ${q(gateway)} }

suites:
  smoke:
    gateway: local
    cases:
      - { name: closed without a token, get: /, as: none, expect: { status: 401 } }
      - { name: open with a token, get: /, as: ${name}, expect: { status: 200 } }
`
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
