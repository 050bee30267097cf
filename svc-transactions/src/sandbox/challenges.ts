import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerChallenge, isChallenged } from './operations.ts';
import type { Store } from './store.ts';

interface ChallengeRoute {
  Params: { payment: string };
}
interface AnswerRoute {
  Params: { payment: string; answer: string };
}

/** Nothing is loaded by a page, and its forms go nowhere else. */
const POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * Where a user passes a challenge (`pass`) or fails it (`fail`): by a page for browsers, and by the requests that its buttons
 * make. Whoever knows the payment's id may: it is not guessed.
 */
export function addChallenges(app: FastifyInstance, store: Store): void {
  // The forms have no fields.
  app.addContentTypeParser(FORM_TYPE, { parseAs: 'string' }, async () => undefined);
  app.get<ChallengeRoute>('/challenges/:payment', async ({ params: { payment } }, reply) => {
    if (!isChallenged(payment, store, Date.now())) return noChallenge(reply);
    const button = (answer: string, text: string) =>
      `<form method="post" action="/challenges/${payment}/${answer}"><button>${text}</button></form>`;
    return page(reply, `<p>Your bank asks: is it you who pays?</p>${button('pass', 'Yes')}${button('fail', 'No')}`);
  });
  app.post<AnswerRoute>('/challenges/:payment/:answer', async ({ params, headers }, reply) => {
    const isPassed = params.answer === 'pass';
    if (!answerChallenge(params.payment, isPassed, store, Date.now())) return noChallenge(reply);
    if (!headers.accept?.includes('text/html')) return { answered: params.answer };
    return page(reply, `<p>You have ${isPassed ? 'passed' : 'failed'} the challenge. Go back to the shop.</p>`);
  });
}

function page(reply: FastifyReply, body: string): FastifyReply {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox</title><h1>Sandbox</h1>${body}</html>`;
  return reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(html);
}

function noChallenge(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'no challenge' });
}
