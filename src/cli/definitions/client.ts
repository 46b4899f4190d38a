import { InvalidArgumentError, Option, type Command } from 'commander'
import { defineProject } from './project.js'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

/** We as a client: obtaining tokens, keeping them, asking the provider about them. */
export function define(program: Command, start: Start): void {
  defineLogin(program, start)
  defineToken(program, start)
  defineIntrospect(program, start)
  defineUserinfo(program, start)
  defineRevoke(program, start)
  defineLogout(program, start)
  defineStore(program, start)
  defineExec(program, start)
  defineProject(program, start)
}

function defineLogin(program: Command, start: Start): void {
  const command = program
    .command('login')
    .description('Obtain tokens and keep them.')
    .argument('[profile]', 'whom to act as; default: default_profile')
    .option('--for <url>', 'ask this route first what it wants, and obtain that')
  addClientOptions(command)
  addLoginOptions(command)
  addSharedOptions(command, 'profile', 'network', 'output')
  command.action((profile: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/login.js')).login([profile], options, context)),
  )
}

function defineToken(program: Command, start: Start): void {
  const command = program
    .command('token')
    .description('Print an access token, renewing it if needed; nothing else on stdout.')
    .argument('[profile]', 'whose; default: default_profile')
    .option('-H, --header', 'as a header line: Authorization: Bearer …')
    .option('--env', 'as shell assignments')
    .option('--id', 'the ID token instead')
    .addOption(new Option('--min-ttl <duration>', 'renew when less life is left (default 30s)').argParser(millis))
    .option('--fresh', 'renew even a good one')
    .option('--check', 'print nothing; exit 0 when a stored token is still good, 1 when not')
  addClientOptions(command)
  addLoginOptions(command)
  addSharedOptions(command, 'profile', 'network', 'output')
  command.action((profile: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/token.js')).token([profile], options, context)),
  )
}

function defineIntrospect(program: Command, start: Start): void {
  const command = program
    .command('introspect')
    .description('Ask the provider about a token (RFC 7662); exit 1 when it is inactive.')
    .argument('[token]', 'a token, @FILE, - for stdin, or a profile; default: the default profile’s own')
    .option('--hint <type>', 'token_type_hint, e.g. refresh_token')
  addClientOptions(command)
  addSharedOptions(command, 'profile', 'network', 'output')
  command.action((token: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/introspect.js')).introspect([token], options, context)),
  )
}

function defineUserinfo(program: Command, start: Start): void {
  const command = program
    .command('userinfo')
    .description('What the provider says about the person (OIDC Core 5.3).')
    .argument('[profile]', 'whose; default: default_profile')
  addClientOptions(command)
  addLoginOptions(command)
  addSharedOptions(command, 'profile', 'network', 'output')
  command.action((profile: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/userinfo.js')).userinfo([profile], options, context)),
  )
}

function defineRevoke(program: Command, start: Start): void {
  const command = program
    .command('revoke')
    .description('Revoke a token at the provider (RFC 7009).')
    .argument('[token]', 'a token, @FILE, - for stdin, or a profile; default: the default profile’s stored tokens')
    .option('--hint <type>', 'token_type_hint, e.g. refresh_token')
  addClientOptions(command)
  addSharedOptions(command, 'profile', 'network', 'output')
  command.action((token: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/revoke.js')).revoke([token], options, context)),
  )
}

function defineLogout(program: Command, start: Start): void {
  const command = program
    .command('logout')
    .description('Forget the tokens, revoke the refresh token, end the session at the provider.')
    .argument('[profile]', 'whose; default: default_profile')
    .option('--local', 'only forget the tokens here')
    .option('--browser <command>', 'opens the URL; none prints it only')
    .option('--no-browser', 'short for --browser none')
    .option('--post-logout-redirect-uri <uri>', 'where to go afterwards, as registered')
  addClientOptions(command)
  addSharedOptions(command, 'profile', 'network', 'output')
  command.action((profile: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/logout.js')).logout([profile], options, context)),
  )
}

function defineStore(program: Command, start: Start): void {
  const store = program.command('store').description('The tokens that are kept.')
  const sub = (name: string, description: string): Command =>
    addSharedOptions(store.command(name).description(description), 'profile', 'output')
  sub('list', 'What is kept, tokens masked.').action((options: object) =>
    start(async (context) => (await import('../commands/store.js')).storeList([], options, context)),
  )
  addClientOptions(sub('show', 'One profile’s entry, tokens masked.').argument('[profile]')).action(
    (profile: string | undefined, options: object) =>
      start(async (context) => (await import('../commands/store.js')).storeShow([profile], options, context)),
  )
  addClientOptions(sub('clear', 'Forget one profile’s tokens.').argument('[profile]').option('--all', 'forget everybody’s')).action(
    (profile: string | undefined, options: object) =>
      start(async (context) => (await import('../commands/store.js')).storeClear([profile], options, context)),
  )
  sub('path', 'Where they are kept.').action((options: object) =>
    start(async (context) => (await import('../commands/store.js')).storePath([], options, context)),
  )
}

function defineExec(program: Command, start: Start): void {
  const command = program
    .command('exec')
    .description('Run a command with the token in its environment: oidcgw exec [profile] -- CMD …')
    .argument('[words...]', 'a profile, then the command after --')
    .option('--prove <method url>', 'put a DPoP proof for this call into OIDCGW_DPOP')
    .option('--prove-nonce <value>', 'with the nonce that the server asked for in DPoP-Nonce')
    .addOption(new Option('--min-ttl <duration>', 'renew when less life is left (default 30s)').argParser(millis))
  addClientOptions(command)
  addLoginOptions(command)
  addSharedOptions(command, 'profile', 'network', 'output')
  command.action((words: readonly string[], options: object) => {
    // Commander drops the --, and it alone tells a profile from a command.
    const given = (program as Command & { readonly rawArgs: readonly string[] }).rawArgs
    const after = given.includes('--') ? given.slice(given.indexOf('--') + 1) : []
    const before = words.slice(0, words.length - after.length)
    if (before.length > 1 || (before.length === 1 && after.length === 0)) {
      command.error('error: write the command after --: oidcgw exec [profile] -- CMD …')
    }
    return start(async (context) => (await import('../commands/exec.js')).exec([before[0], after], options, context))
  })
}

/** What is asked for, and how we authenticate. Each wins over the profile. */
function addClientOptions(command: Command): Command {
  const more = (value: string, previous: readonly string[] | undefined): readonly string[] => [...(previous ?? []), value]
  return command
    .addOption(new Option('--client-auth <method>', 'how the client authenticates').choices([...CLIENT_AUTH]))
    .option('--scope <scopes>', 'what to ask for, separated by spaces')
    .option('--audience <audience>', 'the audience parameter')
    .addOption(new Option('--resource <uri>', 'resource indicator (RFC 8707); again for more').argParser(more))
    .addOption(new Option('--param <k=v>', 'any further request parameter; again for more').argParser(parameter))
    .option('--dpop', 'bind tokens to a key (RFC 9449)')
    .option('--no-store', 'keep nothing on disk')
    .addOption(new Option('--clock-tolerance <duration>', 'between our clock and the provider’s (default 0s)').argParser(millis))
}

/** How a person signs in. */
function addLoginOptions(command: Command): void {
  command
    .addOption(new Option('--grant <type>', 'the grant').choices(Object.keys(GRANTS)).argParser(grant))
    .option('--browser <command>', 'opens the URL; none prints it only')
    .option('--no-browser', 'short for --browser none')
    .option('--redirect-uri <uri>', 'the whole redirect URI, as registered')
    .option('--redirect-host <host>', 'its host (default 127.0.0.1)')
    .addOption(new Option('--redirect-port <port>', 'its port (default: a free one)').argParser(port))
    .option('--redirect-path <path>', 'its path (default /callback)')
    .addOption(new Option('--login-timeout <duration>', 'how long to wait for the person (default 2m)').argParser(millis))
    .option('--prompt <values>', 'login, consent, none, select_account')
    .option('--login-hint <name>', 'who is about to sign in')
    .option('--acr-values <values>', 'how strongly to authenticate')
    .addOption(new Option('--max-age <seconds>', 'how long ago the person may have signed in').argParser(seconds))
    .option('--claims <json>', 'the claims parameter')
    .option('--authorization-details <json>', 'rich authorization request (RFC 9396)')
    .option('--assertion-from <source>', 'trade an assertion (RFC 7523) of github, gitlab, env:NAME, file:PATH, …')
    .option('--par', 'push the authorization request (RFC 9126)')
    .option('--jar', 'sign the authorization request (RFC 9101)')
    .option('--jarm', 'ask for a signed authorization response')
    .option('--allow-legacy', 'allow implicit and hybrid flows')
}

const CLIENT_AUTH = [
  'client_secret_basic',
  'client_secret_basic_raw',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const

const GRANTS: Readonly<Record<string, string>> = {
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  password: 'password',
  refresh_token: 'refresh_token',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
  jwt_bearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  token_exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  implicit: 'implicit',
}

function grant(text: string): string {
  const known = GRANTS[text] ?? Object.values(GRANTS).find((urn) => urn === text)
  if (known) return known
  throw new InvalidArgumentError(`It is one of ${Object.keys(GRANTS).join(', ')}.`)
}

function millis(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  if (!match) throw new InvalidArgumentError('Write it as 500ms, 30s, 5m or 1h.')
  return Number(match[1]) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000)
}

function whole(text: string, max: number, hint: string): number {
  if (!/^\d+$/.test(text) || Number(text) > max) throw new InvalidArgumentError(hint)
  return Number(text)
}

const port = (text: string): number => whole(text, 65_535, 'A port is a number up to 65535.')
const seconds = (text: string): number => whole(text, Number.MAX_SAFE_INTEGER, 'It is a whole number of seconds.')

function parameter(text: string, previous: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('Write it as name=value.')
  return { ...previous, [text.slice(0, equals)]: text.slice(equals + 1) }
}
