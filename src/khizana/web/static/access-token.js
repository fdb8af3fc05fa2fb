// In a frame of a viewer on another site: posts it the token, or why there is none (IIIF Authorization Flow 2.0, 4.3).

const { message, origin } = document.currentScript.dataset;
parent.postMessage(JSON.parse(message), origin);
