// A provider of OpenID Connect: panva's certified oidc-provider, with users in a file that tests change while it runs.
// Its settings come as JSON in PROVIDER. `GET /interaction/<uid>?login=<name>` signs a user in, without a password; without
// a name, it is a form that asks for one.
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const settings = JSON.parse(process.env.PROVIDER);
const require = createRequire(settings.modules + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { Provider } = await load('oidc-provider');
const { generateKeyPair, exportJWK } = await load('jose');

// The key stays with the server's directory, as a real provider's does when it is started again.
if (!existsSync(settings.key)) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const made = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: randomUUID() };
  writeFileSync(settings.key, JSON.stringify(made), { mode: 0o600 });
}
const key = JSON.parse(readFileSync(settings.key, 'utf8'));

const users = () => JSON.parse(readFileSync(settings.users, 'utf8'));

const provider = new Provider(settings.issuer, {
  clients: [{
    client_id: settings.client,
    client_secret: settings.secret,
    redirect_uris: settings.redirects,
    post_logout_redirect_uris: settings.logouts,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  jwks: { keys: [key] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username', 'groups'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'] },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      // What the page's button would do: sent by the browser of a person who wants to log out.
      logoutSource: async (context, form) => { context.body = `<!doctype html>${form}`; },
    },
  },
  findAccount: (context, id) => {
    const found = Object.values(users()).find((user) => user.sub === id);
    return found && { accountId: id, claims: async () => found };
  },
  interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: async () => true,
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
  ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600, RefreshToken: 3600 },
});

const answer = provider.callback();
createServer(async (request, response) => {
  const url = new URL(request.url, settings.issuer);
  if (!url.pathname.startsWith('/interaction/')) return answer(request, response);
  if (!url.searchParams.has('login')) {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    return response.end('<!doctype html><title>A provider</title><form><label>Login <input name="login"></label><button>Go on</button></form>');
  }
  const user = users()[url.searchParams.get('login')];
  const result = user
    ? { login: { accountId: user.sub } }
    : { error: 'access_denied', error_description: 'nobody of this name' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}).listen(settings.port, '127.0.0.1');
