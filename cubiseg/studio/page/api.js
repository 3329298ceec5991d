// What the page asks the studio for. Addresses are relative: they begin with the session's token by themselves.

export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function answered(request) {
  let answer;
  try {
    answer = await request;
  } catch {
    throw new Refused("The studio does not answer. Start it again with the same command: all that was saved is kept.", 0);
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.error || `The studio refused this (${answer.status}); load the page again.`, answer.status);
}

const get = path => answered(fetch(`api/${path}`));
const post = (path, body) => answered(fetch(`api/${path}`, {method: "POST", body})).then(a => a.json());
const send = (path, facts) => post(path, JSON.stringify(facts));

export const review = {
  queue: () => get("review/queue").then(a => a.json()),
  sheet: size => get(`review/sheet?size=${size}`).then(a => a.json()),
  about: number => get(`review/${number}`).then(a => a.json()),
  // What it shows is in its address: the browser keeps pictures by that.
  portrait: ({number, base, begun, state}, side) => `api/review/${number}/portrait.webp?side=${side}&state=${state}&base=${base}&begun=${begun}`,
  say: (number, said) => send(`review/${number}/say`, said),
  mark: (numbers, on) => send("review/marks", {numbers, on}),
  renew: (number, carry) => send(`review/${number}/renew`, {carry}),
  theirs: (number, reviewer, state) => send(`review/${number}/theirs`, {reviewer, state}),
};
export const session = () => get("session").then(a => a.json());
export const add = file => post(`pictures?name=${encodeURIComponent(file.name)}`, file);

export const picture = number => ({
  image: () => get(`pictures/${number}/picture.png`).then(a => a.blob()),
  open: () => post(`pictures/${number}/open`),
  plane: async which => {
    const answer = await get(`pictures/${number}/${which}.bin`);
    return {state: Number(answer.headers.get("X-State")), bytes: await answer.arrayBuffer()};
  },
  tree: () => get(`pictures/${number}/tree`).then(a => a.json()),
  places: () => get(`pictures/${number}/places`).then(a => a.json()),
  act: action => send(`pictures/${number}/actions`, action),
  rule: request => send(`pictures/${number}/rules`, request),
  layers: wanted => send(`pictures/${number}/layers`, wanted),
  write: wanted => send(`pictures/${number}/write`, wanted),
  psd: `api/pictures/${number}/layers.psd`,
});
