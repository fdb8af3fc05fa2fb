// What a browser with JavaScript adds to the search box: names that go on from what was typed, in any script.

const PATIENCE = 150; // milliseconds without a key before the library is asked
const input = document.querySelector(".seek input");
const list = document.getElementById("suggested");
let waiting;
let asked = "";

async function suggest() {
  const typed = input.value.trim();
  if (typed === asked || typed.length < 2) {
    return;
  }
  asked = typed;
  try {
    const answer = await fetch(`/suggest.json?${new URLSearchParams({ q: typed })}`);
    const { suggestions } = await answer.json();
    if (input.value.trim() === typed) {
      list.replaceChildren(...suggestions.map(({ text }) => new Option(text, text)));
    }
  } catch {
    // Without suggestions the box is a box all the same.
  }
}

input?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(suggest, PATIENCE);
});
