"use strict";
// The search of an offline edition. Words are folded as the library folds them, by its own table; only the scripts that
// hold the words asked for are read. A classic script: a page that was opened from a disk may run no other.

(function () {
  const said = document.documentElement.dataset;
  const BITS = 2; // of a posting are its weight
  const MOST_PREFIXED = 200; // terms that one beginning may stand for
  const SHOWN = 24;
  const LONGEST_TERM = 64;

  // ---- Scripts that hand on data ----

  const waiting = new Map();
  const crcs = Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    }
    return value;
  });

  function crc32(text) {
    let value = -1;
    for (const byte of new TextEncoder().encode(text)) {
      value = (value >>> 8) ^ crcs[(value ^ byte) & 255];
    }
    return ((value ^ -1) >>> 0).toString(16).padStart(8, "0");
  }

  window.khizana = (name, checked, text) => {
    if (crc32(text) === checked) {
      waiting.get(name)?.(JSON.parse(text));
    }
  };

  const loaded = new Map();
  function load(name) {
    if (!loaded.has(name)) {
      loaded.set(name, new Promise((done, failed) => {
        const script = document.createElement("script");
        waiting.set(name, done);
        script.src = said.root + name;
        // What ran and handed nothing on was damaged; what was handed on was done before this.
        script.onload = script.onerror = () => failed(new Error(name));
        document.head.append(script);
      }));
    }
    return loaded.get(name);
  }

  // ---- Folding (the library's own table) and words ----

  let table;
  async function folding() {
    if (!table) {
      table = new Map();
      for (const [folded, chars] of Object.entries(await load("k/fold.js"))) {
        for (const char of chars) {
          table.set(char, folded);
        }
      }
    }
  }

  function foldChar(char) {
    const point = char.codePointAt(0);
    if (point >= 0xac00 && point <= 0xd7a3) {
      return char.normalize("NFKD");
    }
    return point >= 0xd800 && point <= 0xdfff ? "\ufffd" : table.get(char) ?? char;
  }

  const WORD = /[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*/gu;
  const ELIDED = /^(?:[cdjlst]|qu)'/;
  const ARTICLE = /^(?:[وفبك]?ال|[وف]?لل)(?=..)/u;
  const GOD = /^(?:[وفبتك]?الله(?:م)?|[وف]?لله)$/u;
  const CLITICS = "وفبكلس";
  const letters = (word) => [...word].length;

  function withoutArticle(word) {
    const article = GOD.test(word) ? null : ARTICLE.exec(word);
    if (!article || (article[0] !== "ال" && letters(word) - letters(article[0]) < 3)) {
      return word;
    }
    return word.slice(article[0].length);
  }

  const term = (word) => [...withoutArticle(word)].slice(0, LONGEST_TERM).join("");

  // Each word of a text with its place there: `origins` leads from the folded text back to the text as written.
  function words(text) {
    let folded = "";
    const origins = [];
    let place = 0;
    for (const char of text) {
      const part = foldChar(char);
      for (let unit = 0; unit < part.length; unit += 1) {
        origins.push(place);
      }
      folded += part;
      place += char.length;
    }
    return [...folded.matchAll(WORD)].map((found) => {
      let word = found[0];
      let start = found.index;
      const end = start + word.length;
      if (word.includes("'")) {
        const elided = ELIDED.exec(word);
        if (elided && elided[0].length < word.length) {
          start += elided[0].length;
          word = word.slice(elided[0].length);
        }
        word = word.replaceAll("'", "");
      }
      return { text: word, start: origins[start], last: origins[end - 1] };
    });
  }

  // Marks and letters that fold to nothing go with the letter before them.
  function endOf(text, last) {
    let end = last + String.fromCodePoint(text.codePointAt(last)).length;
    while (end < text.length) {
      const char = String.fromCodePoint(text.codePointAt(end));
      if (foldChar(char) !== "" || /\p{Cf}/u.test(char)) {
        break;
      }
      end += char.length;
    }
    return end;
  }

  function alternatives(word) {
    const bare = withoutArticle(word);
    const found = new Set([bare]);
    if (bare === word && letters(word) > 3 && CLITICS.includes(word[0]) && !GOD.test(word)) {
      found.add(word.slice(1));
    }
    return [...found].map((each) => [...each].slice(0, LONGEST_TERM).join(""));
  }

  window.khizanaSearch = { fold: (text) => [...text].map(foldChar).join(""), words, term, alternatives, folding, crc32 };

  // ---- The index ----

  // As Python compares strings: by code points, which differ from UTF-16 units above the first plane.
  function before(a, b) {
    const [left, right] = [[...a], [...b]];
    for (let place = 0; place < Math.min(left.length, right.length); place += 1) {
      const apart = left[place].codePointAt(0) - right[place].codePointAt(0);
      if (apart) {
        return apart;
      }
    }
    return left.length - right.length;
  }

  const shard = (number) => `s/t${String(number).padStart(4, "0")}.js`;

  // Of each document that has `wanted`, or with `open` a word that begins so, its greatest weight.
  async function having(head, wanted, open) {
    const found = new Map();
    let number = Math.max(0, head.firsts.findLastIndex((first) => before(first, wanted) <= 0));
    let seen = 0;
    for (; number < head.firsts.length; number += 1) {
      const { terms, found: postings } = await load(shard(number));
      for (let place = 0; place < terms.length; place += 1) {
        if (terms[place] === wanted || (open && terms[place].startsWith(wanted))) {
          seen += 1;
          let document = 0;
          for (const step of postings[place]) {
            document += step;
            const [id, weight] = [document >> BITS, document & ((1 << BITS) - 1)];
            found.set(id, Math.max(found.get(id) ?? 0, terms[place] === wanted ? weight + 1 : weight));
          }
        }
      }
      const last = terms.at(-1);
      if (seen >= MOST_PREFIXED || (before(last, wanted) > 0 && !last.startsWith(wanted))) {
        break;
      }
    }
    return found;
  }

  async function search(asked) {
    await folding();
    const head = await load("s/index.js");
    const given = words(asked).map((word) => word.text);
    const endsOpen = /[\p{L}\p{N}\p{M}]$/u.test(asked);
    let scores = null;
    const met = new Set();
    const openings = [];
    for (const [place, word] of given.entries()) {
      const open = endsOpen && place === given.length - 1;
      const here = new Map();
      for (const wanted of alternatives(word)) {
        met.add(wanted);
        if (open) {
          openings.push(wanted);
        }
        for (const [id, weight] of await having(head, wanted, open)) {
          here.set(id, Math.max(here.get(id) ?? 0, weight));
        }
      }
      const rare = Math.log(1 + head.count / (1 + here.size));
      const joined = new Map();
      for (const [id, weight] of here) {
        if (!scores || scores.has(id)) {
          joined.set(id, (scores?.get(id) ?? 0) + weight * rare);
        }
      }
      scores = joined;
    }
    const ranked = [...(scores ?? [])].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([id]) => id);
    return { ranked, documents: head.documents, isMet: (word) => met.has(word) || openings.some((each) => word.startsWith(each)) };
  }

  // ---- The page ----

  const form = document.querySelector("form.seek");
  const list = document.querySelector(".found");
  const status = document.querySelector("[role=status]");
  if (!form || !list) {
    return;
  }
  document.querySelector(".needed").remove();

  const ARABIC = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Nko}]/u;

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  function marked(text, isMet, language) {
    const pieces = [];
    let place = 0;
    for (const word of words(text)) {
      if (word.start >= place && isMet(term(word.text))) {
        const end = endOf(text, word.last);
        pieces.push(text.slice(place, word.start), element("mark", {}, text.slice(word.start, end)));
        place = end;
      }
    }
    const direction = { dir: ARABIC.test(text) ? "rtl" : "ltr", ...(language ? { lang: language } : {}) };
    return { pieces: [...pieces, text.slice(place)], direction, hits: pieces.length };
  }

  // A long passage is shown from a little before its first hit.
  function cut(text, isMet) {
    const first = words(text).find((word) => isMet(term(word.text)));
    const from = first && first.start > 80 ? text.lastIndexOf(" ", first.start - 60) + 1 : 0;
    return (from ? "… " : "") + text.slice(from, from + 300) + (text.length > from + 300 ? " …" : "");
  }

  function shown(document, isMet) {
    const [language, title] = document.titles.find(([tag]) => tag.startsWith(said.language)) ?? document.titles[0] ?? ["", document.shelfmark];
    const named = marked(title, isMet, language);
    const link = element("a", { href: `m/${document.file}.html` }, element("span", { class: "name", ...named.direction }, ...named.pieces));
    const item = element("li", {}, link, " ", element("bdi", { class: "quiet" }, document.shelfmark));
    const passages = document.passages.filter(([, text]) => text !== title && words(text).some((word) => isMet(term(word.text))));
    for (const [tag, text] of passages.slice(0, 3)) {
      const passage = marked(cut(text, isMet), isMet, tag);
      item.append(element("p", passage.direction, ...passage.pieces));
    }
    return item;
  }

  async function answer(asked) {
    list.replaceChildren();
    status.textContent = said.searching;
    try {
      const { ranked, documents, isMet } = await search(asked);
      for (const id of ranked.slice(0, SHOWN)) {
        const script = await load(`s/d${String(Math.floor(id / documents)).padStart(4, "0")}.js`);
        list.append(shown(script[id % documents], isMet));
      }
      status.textContent = (ranked.length ? said.found : said.none).replace("{count}", ranked.length);
    } catch (error) {
      status.textContent = "";
      window.khizanaTell(error.message);
    }
  }

  const asked = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  form.q.value = asked;
  if (asked) {
    answer(asked);
  }
})();
