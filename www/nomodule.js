// @ts-check
// Fallback for browsers without modules, by <script nomodule>, and for those too old for the
// widget, by <script defer>, so that no checkout stays empty. ES5, because the build does not
// transpile this file.

import { TAGS, TEXTS } from "./old-browser-texts.js";

(function () {
  var hasOwn = Object.prototype.hasOwnProperty;

  /** Returns the locale for a language tag, as `match` of `locale.js` does. @param {string} tag @returns {string} */
  function match(tag) {
    var subtags = tag.toLowerCase().split(/[-_]/);
    while (subtags.length) {
      var range = subtags.join("-");
      if (hasOwn.call(TAGS, range)) return TAGS[range];
      subtags.pop();
    }
    return "";
  }

  /** @param {Element} element @param {string} url empty where it is not known */
  function fill(element, url) {
    var lang = match(document.documentElement.lang || "") || match(navigator.language || "") || "en";
    while (element.firstChild) element.removeChild(element.firstChild);
    var sentence = document.createElement("p");
    sentence.lang = lang;
    sentence.dir = TEXTS[lang][2];
    sentence.appendChild(document.createTextNode(TEXTS[lang][0]));
    element.appendChild(sentence);
    if (!/^https?:\/\/[^\s\\]+$/.test(url)) return;
    var link = document.createElement("a");
    link.href = url;
    link.target = "_top";
    link.appendChild(document.createTextNode(TEXTS[lang][1]));
    sentence.appendChild(document.createTextNode(" "));
    sentence.appendChild(link);
  }

  /** @param {string} json @returns {string} */
  function hostedUrl(json) {
    try {
      var session = JSON.parse(json);
      var url = hasOwn.call(session, "hosted_url") && session.hosted_url;
      return typeof url === "string" ? url : "";
    } catch (error) {
      return "";
    }
  }

  /** @param {Element} element */
  function lead(element) {
    var url = hostedUrl(element.getAttribute("session") || "");
    var secret = element.getAttribute("client-secret") || "";
    var base = (element.getAttribute("api-base") || "").replace(/\/+$/, "");
    fill(element, url);
    if (url || !secret || !base) return;
    var request = new XMLHttpRequest();
    request.open("GET", base + "/v1/checkout/sessions/" + secret.split("_secret_")[0]);
    request.setRequestHeader("Authorization", "Bearer " + secret);
    request.onload = function () {
      if (request.status === 200) fill(element, hostedUrl(request.responseText));
    };
    request.send();
  }

  window.addEventListener("load", function () {
    if (window.customElements && window.customElements.get("open-cashier")) return;
    var elements = document.querySelectorAll("open-cashier");
    for (var index = 0; index < elements.length; index += 1) lead(elements[index]);
  });
})();
