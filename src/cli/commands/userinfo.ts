import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { prepareClient, type ClientFlags } from './login-context.js'

/** Prints what the provider says about the person behind the profile's token. */
export const userinfo: Command<[string | undefined], ClientFlags> = async ([name], flags, context) => {
  const { profile, host, options } = await prepareClient(name, flags, context)
  const [{ connect }, room, { obtainSession }] = await Promise.all([
    import('../../client/connect.js'),
    import('../../client/userinfo.js'),
    import('../../client/session.js'),
  ])
  const session = await obtainSession(profile, host, options)
  const claims = await room.userinfo(await connect(profile, host, options), session)
  if (wantsJson(flags)) writeJson(host, { schema: 'oidcgw/userinfo/v1', ...claims })
  else {
    const width = Math.max(...Object.keys(claims).map((key) => key.length))
    for (const [key, value] of Object.entries(claims)) {
      host.stdout.write(`${context.out.key(key.padEnd(width))}  ${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
    }
  }
  return EXIT.yes
}
