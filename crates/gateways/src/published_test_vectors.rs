//! The published test vectors of gateways.md part F: public keys and signatures only.
//!
//! No private key is here. `K_DOC` is the sample merchant key of WeChat Pay's signing pages; every
//! signature below was checked against its key outside this crate too.

/// F1.1: public half of `K_DOC`.
pub(crate) const K_DOC_PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAptpm+qvIDCh/9wjU26SQ
CK26ogYkBhDrYxnAaw2JbbBsp1oDbHKk+1r381NeBUG2HEFAuU+Fr72u5ot3yKdz
oF/FajAzQNKnm569/D3upKoi8mYBaST15Uig8j8qoUW1U217LL0jEHlSnHV3lcaD
TXqDpTRR4Bfz9IqOgJgFZ8/oTfEomSrjrLYef81Eyxr7ZIMQXEKKEK7V4UXKS0+/
fDsiG/cXidhzt8UbTL9vqXqxM2+IDImyO+FAc/tkBG55LmzxPto1Nq0WbnZzRM/w
Tzrd0I/8NlevxtFbphg4evlHjFNI7+GrqR87ViEwuAJJ9Je5QQjct5YJfFRWiZ5C
MQIDAQAB
-----END PUBLIC KEY-----";

/// F1: the timestamp of the `K_DOC` vectors but the notification.
pub(crate) const K_DOC_TIMESTAMP: &str = "1554208460";

/// F1: the nonce of the `K_DOC` vectors.
pub(crate) const K_DOC_NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";

/// F1.2: signature of a JSAPI invocation.
pub(crate) const JSAPI_PAY_SIGNATURE: &str = "mI35pfNEQV6777ke/1T+LJLQDNTm7yeoUJH+j/adPGhmCCi0PbgkvYQTRcXH0uibcLVtvFLdGLpmoYO9FV6lBBsTAjuhh5YOvQi0e2g3e0yytitiNET9FEuqM0pjnKfRW4K6LIZDdbWJv9KhZUx3DrJa5TL7OJ7VdADVivxVySIlPVKjGwuCXzuXSJes0UcILgWQUMyha5/3nYofuHtS7r+KYyMuxD+oJ9VM1Qdxk4UIG59CP5Y3wtYIFybyF3bdu1caHTRRX+DLyMXyYA/IrTmiW01c4RPjpHBX5Dk1sZyY1zVsWNsvMHr2e1NTWtBxKJ+qk5N61J7caYoepHFaxw==";

/// F1.3: signature of an app invocation.
pub(crate) const APP_PAY_SIGNATURE: &str = "gXx9KhTP6IooKV1SuG3OCGlBIgZbKtubCZvnau6khw1iffvNT28IzLbKmztq2xA/RCNbZa1XOsoiuVmAEeTZQicWfhv4P+O4oBRIrx0X9f3cnWFkMBU9alTWs0nyQ1N9fcILOTe0f4kxOhVh+/Xhn5hOiUK7Sz3XA1mcpa3R2NCWf/e+0ow/RDf15iTymOHgDrEkT/gedg/3E0iXfDX3mFicSZhrHESZDOTXcl9RzELREBUFznd/o2NQM99WcL86m23HY0cTy+QGWU4QDmNrbQ9ihmLW71qPb0Cx/d7EQvw/Kyx0A6s64ZQp3hHdcmiRcLnjVXrKCk7LShaCK+lS3Q==";

/// F1.4: body of an order request.
pub(crate) const ORDER_BODY: &str = r#"{"appid":"wxd678efh567hg6787","mchid":"1900007291","description":"Image形象店-深圳腾大-QQ公仔","out_trade_no":"1217752501201407033233368018","notify_url":"https://www.weixin.qq.com/wxpay/pay.php","amount":{"total":100,"currency":"CNY"},"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}"#;

/// F1.4: signature of the order request.
pub(crate) const ORDER_SIGNATURE: &str = "jnks4dlrPw3ZX+ozVvSK39oa0t7OMBsg83BHAwd8BRdUFiVaQNTLTvci+wURgP1OQBbKYhFGvt7iqYpDSTQkp7Uq1sltaQKyncCyrA1g88m5bsKERQfPyT0ahSwKTYJ1CAn9QiJuSJRq1QsQs07eehbU/k9BCS51jTyc1Jpsi2H77HF9f/BnjXAOP3/sPObg6V5Ee4EzwLox684hhuMuIwHo7D8KFk3LIHOKDcNI4It1aCXydFWNpNK+SG86VUDe5kwoDpw4Ulqfu9z8OFDGbDs9TCxEv8iqQzbpxOlEVoOe2kalSYM5kApQb3nZcxdUtoE0liJGW3RGUNE0t4v01A==";

/// F1.5: signature of a query request.
pub(crate) const QUERY_SIGNATURE: &str = "gcshtOMpTm6FZLYKbaWwlTmU1xaXPiNIad/HKab/OYkbrZb8H0RXN3OvCpw2Hbon+lXzdtX9PPADQaRJEP9RexAZPF/kWwQzgjriAsUVKCT4bp95W/mono7iYRJ86cqp87D9ILkYvw/a8YhAbnvKj7IRW4in0wOTaCnCDt/PldBgvRZTA9z5RST+9SNKtonZNQ6Ho3XRGMKDUHaUuwG38a24bZmDce6J7vgUN41xQWIZ5xqC/73B/msmitNeS2xtQYJPOMHWKHx/uvGb4hQ8wx9BbObN5qnQPCqGwxZUBeT0b9zJsZaSqdHc6SkPt8i2CMZYw5XzydKJanUAo3S+SA==";

/// F1.6: signature of a close request.
pub(crate) const CLOSE_SIGNATURE: &str = "NINzesvQjqrfquXXA7bp6ugXsSr/Kq8vSCwjsyHRgaBHXNsStaDIwb9+X44BdPjve2JQEMSojOb4/K7aHB6pc/istwbatWMaOHn88mpZBM7O3nlMAch5REkH5x749dNC0w8hkBJt26Lh8qngtYtxbPLufgbIrL68qrgVkelaeVR6eQRaiSK148k9g2ltzKocFsubZ5Vv15EQ6oOLdmcB9j6o+oH81tz2ETSUyM9wT4Sh22nd/uTr2475awXI1vO99e16L8Hrni17qCxUqG1OWUIlc0aeByomrzroxd6DOuUHcBeQ7AWvtWAFyJQJeLV5K0CyZ1Unof1DkZBrLgcUZA==";

/// F1.7: signature of an empty 204 answer.
pub(crate) const NO_CONTENT_SIGNATURE: &str = "jeghfsrtH0lEz5KEKnVyRIH89w6EvmjURKBhOF/qUruenAJ9kFC77Cde8CIDtKK5eLX/CbmmNiHiolvDqGjtiqt87+fjTj0qmJWpFskTA2sYih/ARAKGW3FgLA/rL3rVVm+FGuPEsW/Z8xlBbTb3XX1OXoeCTytHVaPNuKd8vlwUqm8YHgZyUfuRcvFFtAPXIekw/VRssa6ytePicDI+zjxmqBD/OfVBZVoFjVmtVYSted5J/i6BK2UBm8bpHfehZDmvbvFu77ySZpVYaXWCwkSM3g7mxySmJnhAZz0XxzdrILlh9mRhh3Ypbgbjsvcwuhp+oPXYBCj1iivVUw5bvQ==";

/// F1.8: the key of the sample answer.
pub(crate) const WECHAT_PAY_SAMPLE_PUBLIC_KEY: &str =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwXNI6sdlknHBnK8Fu2U6
Cwor9qY747jP8KAfeBMeveEt1TqaHkLfaSD07trZLhGpfs8/AHqjhgSMO1O10YQW
OrrJ4hjIWPKqxbgrYMkBQc+mwdiWp4W3ByCqxBRagCveCXRWCmuJYovl9H/bsDI0
iGbpVtEOghJtfciisYSgxcLufUDTRkvwxjIBK1pCRjk33jJ5YTBWTHMRtMAOcFLN
F6hdEYdX8SPsgHHeLZ5Lv2T/686w1xtgCHef/sd4uSfWmyzsalQdHG/e4IyYmrhx
+O3VBoNDzE3nx23bFeV/RVNCG7cV6VhmYokJNHa/erIPkEmEFID6A5wQOXuxUkmJ
WwIDAQAB";

/// F1.8: signature of the sample answer.
pub(crate) const ANSWER_SIGNATURE: &str = "mfI1CPqvBrgcXfgXMFjdNIhBf27ACE2YyeWsWV9ZI7T7RU0vHvbQpu9Z32ogzc+k8ZC5n3kz7h70eWKjgqNdKQF0eRp8mVKlmfzMLBVHbssB9jEZEDXThOX1XFqX7s7ymia1hoHQxQagPGzkdWxtlZPZ4ZPvr1RiqkgAu6Is8MZgXXrRoBKqjmSdrP1N7uxzJ/cjfSiis9FiLjuADoqmQ1P7p2N876YPAol7Rn0+GswwAwxldbdLrmVSjfytfSBJFqTMHn4itojgxSWWN1byuckQt8hSTEv/Lg97QoeGniYP17T80pJeQyL3b+295FPHSO2AtvCgyIbKMZ0BALilAA==";

/// F1.10: the public key of certificate `D7CE59D1F522D701`.
pub(crate) const SDK_NOTIFICATION_PUBLIC_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2VCTd91fnUn73Xy9DLvt/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXagHQ4vGeZN0yqm++rDsGK+U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOmDeJf2vg6byms9RUipiq4SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B834uxl1zNLYQCrkdBzb8oUxwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGfy8wus7hwKz6clt3Whmmda7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtkaSef4FdEEgEXJiw0VAJT8wIDAQAB";

/// F1.10: a notification from the official SDK's test.
pub(crate) const SDK_NOTIFICATION_BODY: &str = r#"{"id":"3119dfba-e649-5eec-ab1e-3412bc4d2e17","create_time":"2021-06-24T16:37:26+08:00","resource_type":"encrypt-resource","event_type":"PAYSCORE.USER_OPEN_SERVICE","summary":"签约成功","resource":{"original_type":"payscore","algorithm":"AEAD_AES_256_GCM","ciphertext":"YDS3lKPaC4Y52Gf3uhft5qUBlIa8b428AWTtTauHQfQrRw+X1WpiuHIDy0vo1Vd6VEq67aVyqPdDYMkRVSDaZL3iZttevRMOoPKMifozg6XPWjIZumks/GpT48lI4NizyeaqLBokNebthah3o1H76qSlO9NkDjp9bzmKLEYYH9TEklFUpsvPqOTOcgSLgh21YJXYR7dEBXFgRLiNIKRgO5JdXh1hccRUAlyVWxE54PXpnQ==","associated_data":"payscore","nonce":"Kj7QIyUiYx1q"}}"#;

/// F1.10: its signature.
pub(crate) const SDK_NOTIFICATION_SIGNATURE: &str = "tJHIiIS9eB2hAYstmAmbbD3ZE5LiIm/Ug5tuL4fC0YOFRWIHV39UFIZXC0e9Wl6lBu6sKvkqDkzpqzBsVHyXFlbYZTOQrVdG4b6LfTnK4mikv9++ixJMd3vTf2yCqvBkh98zs3Ds5zsYQakzbcwhmw4fMJs4nPLws28H0UW9FjDR//rxELLwXvV1VEA1IBLX70xptjL8hrfUjEE8kkry6yNJTHZRU8CAc7qHli2Ng1V1qb9ARbK8A3ThmFmPQvRGrapI/jS2laKKgYUmfdEdkNO6B2Cke5e8VTxY406ArAmQ90GAihDwIcb16TQMnzCMBoutnwZKNiKRACrFmtxw2Q==";

/// F1.10: its resource.
pub(crate) const SDK_NOTIFICATION_PLAINTEXT: &str = r#"{"mchid":"1234567890","appid":"054aa7d7a2a54ab5898df65bd96f001c","create_time":"2020-06-30T12:12:00+08:00","out_contract_code":"21640bdbd08e473e828f3206a2741c6e"}"#;

/// F1.11: a payment notification.
pub(crate) const NOTIFICATION_BODY: &str = r#"{"id":"EV-2018022511223320873","create_time":"2020-01-01T12:00:01+08:00","resource_type":"encrypt-resource","event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{"original_type":"transaction","algorithm":"AEAD_AES_256_GCM","ciphertext":"DUcegK33A8MEOgdCtMPWwABoxFjy3c3BTENCdjZ/7K2gbkFM2sU/cZ/UPNrLir4DXaSrqBdzgGy/sMCWIPKVQdMoXuhYsRxHCBN+TH0cGt1TrgDStkhUySWwM7ObD8LTQwqfyBiL0j4bGTSmNRMMzUWUdCAagusGnnisNS8Q+cZAcubz9S48ZjOb8Gf8y5HIDb2ndIYUfLR4BmTMW6PWnNvq2Qikbx2kS9sD1vERGokXLi1DyxIfipZ1XdRCCU/qr6gXMiBOSVRVz5HZyabJUC8uiHNwLZ0gze1i3FQgfUktKO7aZIn+FZjc2tuWyg96Swgk7DMttm8I6tfo1ku9Mwz+RQtw7PeveOufBlog8QtwXAWqbX5CSIiFX3vO15oH7gX/LBQ3ZLtVK1oH3nx4e0waxmZQZ49ujdbV/wdatSly9nrupKVko16xzdWZnMlygcw1Kggj49BT2opGYF2ZXb0WoWdrUbm2GH+OxynN5pUI3jzN3f8xcmHXZTERZ6gkGWgJ5r4mjV4veGLBVlArQVHvUdwBEBwAk2+mgtLyDtOfnkmNIWmTUKkBVWzU+Q==","associated_data":"transaction","nonce":"fdasflkja484"}}"#;

/// F1.11: its signature by `K_DOC`.
pub(crate) const NOTIFICATION_SIGNATURE: &str = "m4YeiyLewOhcCB9axnkZDXNp7r+nMge5O5piiEBWANZ4ItD4mi1uMKg3yzPrXIrRbQ94KHfdwVkjMV4KoVmghvEyGbvYQ+2M1V71eWXX8ZxkkOUD5QDkN8ria+jwhwj44LhrsYR9Mfk1Kk8kfldJ0SpuPfs+/LIxIeCOr+dIEheWuG4whhbxp0PXXNIpB+6GQUm/USYxnOhG9jMv46lPkkvhFWVKORrDcy9CkhYp7zvEDstJYLKKYY1GyHAVdUQ5OVwuWxGddhXNVMxIAJYP4hEsG2sok5+1ItsCP5zdsnnV+O6+K172f2Ft0rkOM5hrOJWi5zSHJXy3w2Ph6XtuJg==";

/// F1.11: its resource.
pub(crate) const NOTIFICATION_PLAINTEXT: &str = r#"{"mchid":"1900007291","appid":"wxd678efh567hg6787","out_trade_no":"ORDER_0001","transaction_id":"4200000000202001010000000001","trade_type":"NATIVE","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"","success_time":"2020-01-01T12:00:00+08:00","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"amount":{"total":100,"payer_total":100,"currency":"CNY","payer_currency":"CNY"}}"#;

/// F2.1: the key of a real notification of 2019.
pub(crate) const ALIPAY_2019_PUBLIC_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqObrdC7hrgAVM98tK0nv3hSQRGGKT4lBsQjHiGjeYZjOPIPHR5knm2jnnz/YGIXIofVHkA/tAlBAd5DrY7YpvI4tP5EONLtZKC2ghBMx7McI2wRD0xiqzxOQr1FuhZGJ8/AUokBzJrzY+aGX2xcOrxFYRlFilvVLTXg4LWjR1tdPkO6+i7wQZAIVMClPkwVRZEbaERRHlKqTzv2gGv5rDU8gRoe1LeaN+6BlbTqHWkQcNCUNrA8C6l17XAXGKDsm/9TFWwO8EPHHHCaQdjtV5/FdcWIt+L8SR1ss7EXTjYDFtxcKVv9rEoY1lX8T4mX+GbXfZHraG5NCF1+XioL5JwIDAQAB";

/// F2.1: its canonical string.
pub(crate) const ALIPAY_2019_CANONICAL: &str = r#"app_id=2019073166072302&auth_app_id=2019073166072302&buyer_id=2088102534368455&buyer_logon_id=xud***@126.com&buyer_pay_amount=0.10&charset=utf-8&fund_bill_list=[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]&gmt_create=2019-08-15 15:56:22&gmt_payment=2019-08-15 15:56:24&invoice_amount=0.10&notify_id=2019081500222155624068450559358070&notify_time=2019-08-15 15:56:25&notify_type=trade_status_sync&out_trade_no=20190815155618536-564-57&point_amount=0.00&receipt_amount=0.10&seller_email=z97-yuquerevenue@service.aliyun.com&seller_id=2088531891668739&subject=语雀空间 500人规模&total_amount=0.10&trade_no=2019081522001468450512505578&trade_status=TRADE_SUCCESS&version=1.0"#;

/// F2.1: its signature.
pub(crate) const ALIPAY_2019_SIGNATURE: &str = "QfTb8tqE1BMhS5qAnXtvsF3/jBkEvu9q9en0pdbBUDDjvKycZhQb7h8GDs4FKfi049PynaNuatxSgLb/nLWZpXyyh0LEWdK2S6Ri7nPwrVgOs08zugLO20vOQz44y3ti2Ncm8/wZts1Fr2gZ7pShnVX3d1B50hbsXnObT1r/U8ONNQjWXd0HIul4TG+Q3fm3svmSvFEy0WnzuhcyHPX5Gm4ELNctL6Qd5YniGJFNcc7kopHYtI/XD9YCKCH6Ct02rzUs9i11C9CsadtZn+WhxF26Dqt9sGEFajkJ8cxUTLi8+VCpLHsgPE8P0y095uQcDdK0YjCh4x7wVSov+lrmOQ==";

/// F2.2: the key of a response node.
pub(crate) const ALIPAY_NODE_PUBLIC_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAk7LzhmMa2c4qQd4fqAqenfbuFoA7stPKvoS1LrZEsVnOOGUUjwoa1oU9xsSPjcOWhIerU/VAN4J95GIAXx59ipcleIyfLn2FhHXPgLJpvo+b2jJFyn/1/DbeJDh+0yDVAOf50Z7HhI0mdUhFMkXlT7BU0ZMtJf/TmISFEfhDU/w6qFd6D42L97byAkq0K6LroglSVF24GqJEa7hSeUIkZWj7RasykXrc2uVJ1+ejkXE0LyPxa2AHykMGbJLf5SiZvaNzUZgnKIR36mLOHpQ/2JCXxhXZYUWHzy0kMH54JcUEeksFWBYLGvLjV1phbcUIc3Q76tIuqApY6E222OoZZQIDAQAB";

/// F2.2: the node.
pub(crate) const ALIPAY_NODE: &str =
    r#"{"code":"10000","msg":"Success","file_id":"CAxAToWB1JsAAAAAAAAAAAAADgSLAQBr"}"#;

/// F2.2: its signature.
pub(crate) const ALIPAY_NODE_SIGNATURE: &str = "F+LDzpTNiavn7xVZPGuPCSSVRSmWzJGgtuji6tVELGEaqMaNj0jRKXUEr5nloZJBBmwEnddOyCjjepMmrTKTvoOqQ0Efxpr/R1iEeHTHVbb/Q8TTh6Up5gHJDkILdaWS2q1cWeQ6VT+HQY9P3WRXS7uhILHuDODIhpAyCu5KhWGt0rMCIG+Im6NODJP2oohtSCtmTFXg58HH587Z2y2bdbjzOxLvzD9IrU1imghXQ2S/Q+wMIvRk9on6cWnBLkrNvJKapA2ReNGWOwyuASvB9zDVzhMPbR+3mfRGkVDxsq5HYLjBKGskJMXHw0HuugZij6ScRuaLPODhmHwr/pJ9yw==";

/// F2.4: canonical string of a request.
pub(crate) const ALIPAY_REQUEST_CANONICAL: &str = r#"app_id=2021000000000001&biz_content={"out_trade_no":"ORDER_0001","total_amount":"1.00","subject":"测试商品 A+B"}&charset=utf-8&format=JSON&method=alipay.trade.precreate&notify_url=https://shop.example/notify/alipay?x=1&y=2&sign_type=RSA2&timestamp=2024-01-02 03:04:05&version=1.0"#;

/// F2.4: its signature by `K_DOC`.
pub(crate) const ALIPAY_REQUEST_SIGNATURE: &str = "APNNaZTPTHcdiTXex+9IwUjbTejLe3nt45hO7USx2ZkR3QGk3xZ82Ghdki80UCc2YhNEWOwY9GVgO4WrtJ9XgwGB4E/0vUG0rQNMSEmEYeiSy+XWWWq7OavgivV2eoqEKcnep9s4UKx0VA9uE6RNH2uPYDB+04CX+Z1tXlj5ydl8HbV6wktShKP9a/XIv17mIeVexZaSMfFs1VUqKYALPDhlapwfQ3x6KAQlo42sheWJVXtUM0Zr2jyWevGEzRKCP6+lExd7HNTNoLAQ93iJJznOno0NGj06Mv/t1cL86wWBmbpsw0SnZt1r814TPJCCpUKK+Q+Dkz9a+5dh+VZnwQ==";

/// F2.5: a node with escaped slashes.
pub(crate) const ALIPAY_ESCAPED_NODE: &str = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","qr_code":"https:\/\/qr.alipay.com\/bax03431ljhokirwl38f00a7"}"#;

/// F2.5: its signature by `K_DOC`.
pub(crate) const ALIPAY_ESCAPED_NODE_SIGNATURE: &str = "lfh3gU4CqpOBIxMRZSvbigzbhdbdVvqI+dDPpH5ImrceHstxbFdeEraAcHMrt4bt870WBvJsPS3fqCfSREvwzciH7BOfOeCETYVV8ng1zcGBHWBgkO3WmkU6jiuQyjhg7+dsF9kA4s94+eqSnYEfgS1G3fxUvTI1w9YAph2+BgJjsDyLtQ3BHEZWpFctxtZR5dv1/akq0tga/9b2lB6bn+ogZnx2fmjTenXndY4VIIeVKz/tE9lZw/r3Y732n2ROqMLEjAHCyAhS2fpR0FSfOVXR3sAgi7ykewqj8Iz+CIZVP2RYlLqlEiBCrrYHZ2zYF16IkgHcPYvgCvMwc1YwZw==";

/// F2.6: a payment notification.
pub(crate) const ALIPAY_NOTIFICATION_BODY: &str = "app_id=2021000000000001&auth_app_id=2021000000000001&charset=utf-8&notify_id=2024010200222030406000000001&notify_time=2024-01-02+03%3A04%3A06&notify_type=trade_status_sync&version=1.0&out_trade_no=ORDER_0001&trade_no=2024010222001400000000000001&trade_status=TRADE_SUCCESS&total_amount=1.00&receipt_amount=1.00&buyer_pay_amount=1.00&invoice_amount=1.00&point_amount=0.00&seller_id=2088000000000001&buyer_id=2088000000000002&buyer_logon_id=abc%2A%2A%2A%40example.com&subject=%E6%B5%8B%E8%AF%95%E5%95%86%E5%93%81+A%2BB&gmt_create=2024-01-02+03%3A04%3A00&gmt_payment=2024-01-02+03%3A04%3A05&fund_bill_list=%5B%7B%22amount%22%3A%221.00%22%2C%22fundChannel%22%3A%22ALIPAYACCOUNT%22%7D%5D&sign_type=RSA2&sign=oKPb%2BX8yObQH2ji%2B8iu%2FlF7IrQgpyHv16QnOKF7By84Z1TxAE3y3%2B0efROAIwAMFoppMdk9sqRe%2FixQf%2BqZCNs8hgvibpSmO8f01R17ExwGKAfeag2vs6De8sfFVst07gi0EfJnmFLsRpUPg7z9lEyK2v6gsku492UTV%2BQft%2B1eG5Vu%2Blptr%2FWd2y65x27iaUMl2lFrNA41tc6%2BMmMSN%2B5Asq1tZsn57btsqrIOoV3rUwTuUlTLGwbgGoNeIvDA1m%2Fvwhm6SgjrPLtdvDh39mpXCbC3VgfWLb1TYkREXPr%2F1S4mecoCgTQU9%2FxaFfEzqQx8%2FQ7M2D8L96cHCTn0Q0g%3D%3D";

/// F2.6: its canonical string.
pub(crate) const ALIPAY_NOTIFICATION_CANONICAL: &str = r#"app_id=2021000000000001&auth_app_id=2021000000000001&buyer_id=2088000000000002&buyer_logon_id=abc***@example.com&buyer_pay_amount=1.00&charset=utf-8&fund_bill_list=[{"amount":"1.00","fundChannel":"ALIPAYACCOUNT"}]&gmt_create=2024-01-02 03:04:00&gmt_payment=2024-01-02 03:04:05&invoice_amount=1.00&notify_id=2024010200222030406000000001&notify_time=2024-01-02 03:04:06&notify_type=trade_status_sync&out_trade_no=ORDER_0001&point_amount=0.00&receipt_amount=1.00&seller_id=2088000000000001&subject=测试商品 A+B&total_amount=1.00&trade_no=2024010222001400000000000001&trade_status=TRADE_SUCCESS&version=1.0"#;

/// F2.8: the key of a notification in GBK.
pub(crate) const ALIPAY_GBK_PUBLIC_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtgaClJtvRdFtytlIarv51KlPUvUTFTTWTuH3EizsdPvwDc2lGiJMoVR7Aa+ULd2i9+fSXsljeA77KNVwiZ3ZhzIALGB/m9OwB87UFkf6fzDrM9RWqRQcN+WfCgMIL0YLt8JhFhW5ioTUVlwmsoSfIOMQn+RIFOHdHcJW7YXliOWjwtv6tJtBQzTiAIs0UJ7fJRicVUKeXJlobuSLo3nvi9cQOZ/jr4j/kR6BI7t9QGMNElHFO3Jj2SpLRLFFXGVHwhVGQr9dhtbyrCjQGLtOdu8LkksMBi3+90FM2+iHu/MFgvvjHz3ULGjalSMbzkSLjgX2XbZfXF5jyntiB86GRQIDAQAB";

/// F2.8: the notification.
pub(crate) const ALIPAY_GBK_NOTIFICATION_BODY: &str = "gmt_create=2024-01-02+03%3A04%3A00&charset=GBK&subject=%D5%5C%D3%9B%B2%E8%E4%81+%C3%F7%C7%B0%C1%FA%BE%AE+A%2BB&notify_id=2024010200222030406000000002&app_id=2021000000000001&auth_app_id=2021000000000001&buyer_id=2088000000000002&gmt_payment=2024-01-02+03%3A04%3A05&notify_time=2024-01-02+03%3A04%3A06&notify_type=trade_status_sync&out_trade_no=ORDER_0002&seller_id=2088000000000001&total_amount=1.00&trade_no=2024010222001400000000000002&trade_status=TRADE_SUCCESS&version=1.0&sign_type=RSA2&sign=Y%2F4xtTdedytqKs4bzfw6dZzVHApqmGXHw3sZoUJb%2BKkeUjJYz70Q1VquW6MPrXQDruNF%2Bf1K%2FepwaXAZ1h7EwK%2BBZJZPt36eyvm5oplbiViawIWsT41gza6%2FTYwtrkUtLmzmUZxbxAaOWJVhFGzsWX6OjhHA94D6Cb9WuuBt0nsm49N0mloMJ1j%2BPsYe6vjwCsPaXOeUiM0v3ZvC7M%2BoDh9SkESZz9lDfUPR34p2YwZ7Yj1ze7Au3yUOWlIJP3RA4PASUCry8M4x8M7EFYruCRAdLx0qfJF%2FRyZ54lp1RMYKlOAPhEkDgsQHliAtJr5%2B63H00%2BIPoW03%2FnSVWpt8%2Bw%3D%3D";

/// F2.8: its canonical string, which is signed in GBK.
pub(crate) const ALIPAY_GBK_NOTIFICATION_CANONICAL: &str = "app_id=2021000000000001&auth_app_id=2021000000000001&buyer_id=2088000000000002&charset=GBK&gmt_create=2024-01-02 03:04:00&gmt_payment=2024-01-02 03:04:05&notify_id=2024010200222030406000000002&notify_time=2024-01-02 03:04:06&notify_type=trade_status_sync&out_trade_no=ORDER_0002&seller_id=2088000000000001&subject=誠記茶鋪 明前龙井 A+B&total_amount=1.00&trade_no=2024010222001400000000000002&trade_status=TRADE_SUCCESS&version=1.0";

/// F2.7: an application's certificate of 2020, of the Class 1 authority.
pub(crate) const ALIPAY_APP_CERT: &str = "-----BEGIN CERTIFICATE-----
MIIEsTCCA5mgAwIBAgIQICAFGGIDnUCQiXuk1RwhJjANBgkqhkiG9w0BAQsFADCB
gjELMAkGA1UEBhMCQ04xFjAUBgNVBAoMDUFudCBGaW5hbmNpYWwxIDAeBgNVBAsM
F0NlcnRpZmljYXRpb24gQXV0aG9yaXR5MTkwNwYDVQQDDDBBbnQgRmluYW5jaWFs
IENlcnRpZmljYXRpb24gQXV0aG9yaXR5IENsYXNzIDEgUjEwHhcNMjAwNTE4MDUy
ODQ3WhcNMjIwNTE4MDUyODQ3WjB5MQswCQYDVQQGEwJDTjEtMCsGA1UECgwk5p2t
5bee54SV5pet5L+h5oGv5oqA5pyv5pyJ6ZmQ5YWs5Y+4MQ8wDQYDVQQLDAZBbGlw
YXkxKjAoBgNVBAMMITIwODg4MzEyMDQ2NTkyMTctMjAyMTAwMTE2MTY4Mzc3NDCC
ASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAJxb57A3/QC/2oDPcZrqWKPs
/2qjVlY/x00s3OWa0CnhftO/4tk33cuVEwaQW7b/KbeyfmZ7p8SoxJ9UBDASDACq
4TGgR0hFFIIT1FCjeUe8owXyaQsjbKL/6woXKHHOAaNCY42d9uKZ0ZAyeyX4gF+e
EWVmobkDjUAYi6FdL/zyogbrKrYFibmKbTjuVocvlZN22R6CEJHCSnc3lw+Ya9NV
e7DDx05B8MUQMPBZe9ZhvQb2D75bniV1i4clv/lezKdWyT//d/dIpGVx4tt92bMw
t//UeFG2jLTWJG6h9bv6RCp4O7NFwE4IVMsJhoFTQKEatBx5wsfbYUC3Ivuo2/MC
AwEAAaOCASkwggElMB8GA1UdIwQYMBaAFHEH4gRhFuTl8mXrMQ/J4PQ8mtWRMB0G
A1UdDgQWBBSXl4+T1U+ja4hCST3DlTQAAKQ/tTBABgNVHSAEOTA3MDUGB2CBHAFu
AQEwKjAoBggrBgEFBQcCARYcaHR0cDovL2NhLmFsaXBheS5jb20vY3BzLnBkZjAO
BgNVHQ8BAf8EBAMCBsAwLwYDVR0fBCgwJjAkoCKgIIYeaHR0cDovL2NhLmFsaXBh
eS5jb20vY3JsNDEuY3JsMGAGCCsGAQUFBwEBBFQwUjAoBggrBgEFBQcwAoYcaHR0
cDovL2NhLmFsaXBheS5jb20vY2E2LmNlcjAmBggrBgEFBQcwAYYaaHR0cDovL2Nh
LmFsaXBheS5jb206ODM0MC8wDQYJKoZIhvcNAQELBQADggEBALeeTrnXKUYapQ/i
g9MB4h9KoP3g27BVJwOxYaIqWxm6iDvOr/Ju+/8QKygnH6dM3+6+pShCdHsCFaSA
QM4gUwxS4F1PcISjKs3LQ6Q8eWHZMV9w292DOzFRNUoMmgI2yAGOW6DxmnNDFxbV
jzcABsrjOmoqso5c4y82K7cl9AfvTm+ThOC3wPQqTiLOZ6xoSL8pO4V+BkPrJTKJ
NqX0cVPm+QLP+TC411GTjrmz2nv1OPEVSTey5HaB6HWQeDz7hGnbipZswfCRHRiu
42+4pQZw+3rQ6uRzSPMpxgk7RaBWexybrqRk6ZfyXMcxJvNDWWk/EQlzLL8SRuJz
W8kcFrE=
-----END CERTIFICATE-----
";

/// F2.7: its serial in Alipay's way.
pub(crate) const ALIPAY_APP_CERT_SN: &str = "866efef280dec9137a87d047ac446315";

/// F2.7: Alipay's certificate for that application, of the Class 2 authority.
pub(crate) const ALIPAY_CERT: &str = "-----BEGIN CERTIFICATE-----
MIIDsjCCApqgAwIBAgIQICAFFOY8L+BNU4cW/iE1izANBgkqhkiG9w0BAQsFADCB
gjELMAkGA1UEBhMCQ04xFjAUBgNVBAoMDUFudCBGaW5hbmNpYWwxIDAeBgNVBAsM
F0NlcnRpZmljYXRpb24gQXV0aG9yaXR5MTkwNwYDVQQDDDBBbnQgRmluYW5jaWFs
IENlcnRpZmljYXRpb24gQXV0aG9yaXR5IENsYXNzIDIgUjEwHhcNMjAwNTE0MTQ0
MjAxWhcNMjIwNTE0MTQ0MjAxWjCBkjELMAkGA1UEBhMCQ04xLTArBgNVBAoMJOad
reW3nueEleaXreS/oeaBr+aKgOacr+aciemZkOWFrOWPuDEPMA0GA1UECwwGQWxp
cGF5MUMwQQYDVQQDDDrmlK/ku5jlrp0o5Lit5Zu9Kee9kee7nOaKgOacr+aciemZ
kOWFrOWPuC0yMDg4ODMxMjA0NjU5MjE3MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A
MIIBCgKCAQEAhoVesfcGvUv1XvUndmX0rmSZ/2posJBCooySbSVFpV79RtHMzrVz
2aKkC3WvOXeT5iNeQK4mK8gp3vNkWrHTkQGx5BcmkeO1WS384CQde7dAS0gmxeFs
5bs+cCQqV2A2c2R9/5rJMtFtp1Ot/rIiMBUn6Ei0UoztM7AneavqQEzSwYlCKNhP
FFtHCiz7u4O5R9CIyvUmYr+zpem2HXBN9ygPAZ0aXBQipGbc45+G07ZCNsmY4hV/
Igya1aBf+Ye8p10Ew8uBBri0sIknhSC2LqKKy2IH1fO6q1d1jhN240QRHvbpRNv6
0kAfZsEulBASBrCMBi49NiJyr5nre7SNywIDAQABoxIwEDAOBgNVHQ8BAf8EBAMC
A/gwDQYJKoZIhvcNAQELBQADggEBAEx9T99X9NhDZYXDftc0wH0Tc5OVRIqWTYBN
/KEP1df+Ix5djcDrUUcXJMvprMw3frUymgJsf7YUgZ1+dMz+Gup5dCH3qUu/5c9R
3d8senb4wCiYR2FpJ3WGIONwInNQTs04a2wM4JIMCdCYWC/H1hdvNl9V4pYeMckT
ruSnPmJlL6E/pNF5AuIYP5AswZSOhASIQzt5Rr6QDz/YVGi2/6al5Bknm2f9dmsZ
bWDapKDrlJ3Ny2B0SZ0H47Y7lRlaVNe+Jj1jsrv16ONk1XLt71jyWyPAIlITLcyX
mMtT1IympPFRxBIngEImjGt6d1VUtkf61Cjpr0bRRDoZXvWRv5U=
-----END CERTIFICATE-----
";

/// F2.7: its serial in Alipay's way.
pub(crate) const ALIPAY_CERT_SN: &str = "7513daaaa48aa3ba2e4018d84402479c";

/// The Class 1 authority's certificate, as Alipay hands it out together with its own.
pub(crate) const ALIPAY_CLASS_1_CERT: &str = "-----BEGIN CERTIFICATE-----
MIIE4jCCAsqgAwIBAgIIddq/0OOwJzIwDQYJKoZIhvcNAQELBQAwejELMAkGA1UE
BhMCQ04xFjAUBgNVBAoMDUFudCBGaW5hbmNpYWwxIDAeBgNVBAsMF0NlcnRpZmlj
YXRpb24gQXV0aG9yaXR5MTEwLwYDVQQDDChBbnQgRmluYW5jaWFsIENlcnRpZmlj
YXRpb24gQXV0aG9yaXR5IFIxMB4XDTE4MDMyMjE0MzAzMVoXDTM3MTEyNjE0MzAz
MVowgYIxCzAJBgNVBAYTAkNOMRYwFAYDVQQKDA1BbnQgRmluYW5jaWFsMSAwHgYD
VQQLDBdDZXJ0aWZpY2F0aW9uIEF1dGhvcml0eTE5MDcGA1UEAwwwQW50IEZpbmFu
Y2lhbCBDZXJ0aWZpY2F0aW9uIEF1dGhvcml0eSBDbGFzcyAxIFIxMIIBIjANBgkq
hkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA3OruCD7d4evJiEKxzJQYmwp5ziF7lT4f
MpBb+WLme42Ulrkh4cJCDEOTUL29Yb8NyQ6cRe9UHLupI2HbByDZoSJl7nkxyi5N
GJLaADC7wnFBJq39WMaVBzouFo0yQkkYNbbkJm+MsV4obu3l2xFGQx72bz6ThDJL
pfYJbnGXqC4Bcyn8ubj1ddrJ0VsGdj/3Knmuo7XWLYqqN/qomK3LJIpfhVozi0b2
FWQl+lE9urch+FVhXSg0AlRGn8FTOVNlKrY+hAKZGZhqC+J+BD4GL3hQZzVeNl0t
MmSGz474lnt7DExNq33WfyJkn5UIoCfg8Tno7XTnocmBzbNYPq1aSQIDAQABo2Mw
YTAfBgNVHSMEGDAWgBRfdLQEwE8HWurlsdsio4dBspzhATAdBgNVHQ4EFgQUcQfi
BGEW5OXyZesxD8ng9Dya1ZEwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMC
AQYwDQYJKoZIhvcNAQELBQADggIBAGkc6bDB4YQCa5D6IbgRtLfiqTQb5DeCp38u
VKKrUl8ZCE5U+wXSu/fFhOkIs+Aq9tEOdPWgi7TAxPMMbfJRTAF20qK1qF/X6lwR
YGSi7LBbEhmI7dYFKj7i7z6fupBMVaI4C4O8KJGfovp3qD/FkXyb13Lo8vL85Ll0
BFk89Qbim0qYhW2JRsf9G46vBeIZaoMm8iMv9vvlVgMs30R96W+gZBgvlIE4ah+o
OEUd+G/V74vTbaXtWI8gkmwCzs/yUGW2g2ERHqZ3ksq4xwL+mNmqRNzq3aC9iA4p
0uoHp/els89vWHCUaPjHmEnhx+M843/WVjN8LWpoeQ+wc7Wz1jfYy0e+JXidqWkP
n7qorlEQTfzcFBZh+YHnV6oVtcG5iYatRKVTAPA+RrjJnEEzn6hAIPsiYsLmdA18
f6ruuUUuKRukAEbCQ9q9L1gyOkaz2LxZj5kOFyemDa3pjqESuHuazztnOvs6u4Yr
H03CPyK3G/6MhCNEJTxGDYy+8bRtNsTGRUbdmhZm/u8tjYIreNEy55f4WYlb72R6
PODBLXmf4HWWPpyX1Zy9TEhmFsuPfelhBrdmBVM1iTwVFLW7gLqoEwzYhMt5KRPj
mfCc2P2pcbpLnYNcbSYiykFsCa7jHG0137Jv8Z/QH2N9r4+xdER7SW40ndmD59yn
mGvrWUMj
-----END CERTIFICATE-----
";

/// Alipay's production root certificates: two of RSA (SHA-256, SHA-1) and two of elliptic curves.
pub(crate) const ALIPAY_ROOT_CERTS: &str = "-----BEGIN CERTIFICATE-----
MIIBszCCAVegAwIBAgIIaeL+wBcKxnswDAYIKoEcz1UBg3UFADAuMQswCQYDVQQG
EwJDTjEOMAwGA1UECgwFTlJDQUMxDzANBgNVBAMMBlJPT1RDQTAeFw0xMjA3MTQw
MzExNTlaFw00MjA3MDcwMzExNTlaMC4xCzAJBgNVBAYTAkNOMQ4wDAYDVQQKDAVO
UkNBQzEPMA0GA1UEAwwGUk9PVENBMFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE
MPCca6pmgcchsTf2UnBeL9rtp4nw+itk1Kzrmbnqo05lUwkwlWK+4OIrtFdAqnRT
V7Q9v1htkv42TsIutzd126NdMFswHwYDVR0jBBgwFoAUTDKxl9kzG8SmBcHG5Yti
W/CXdlgwDAYDVR0TBAUwAwEB/zALBgNVHQ8EBAMCAQYwHQYDVR0OBBYEFEwysZfZ
MxvEpgXBxuWLYlvwl3ZYMAwGCCqBHM9VAYN1BQADSAAwRQIgG1bSLeOXp3oB8H7b
53W+CKOPl2PknmWEq/lMhtn25HkCIQDaHDgWxWFtnCrBjH16/W3Ezn7/U/Vjo5xI
pDoiVhsLwg==
-----END CERTIFICATE-----

-----BEGIN CERTIFICATE-----
MIIF0zCCA7ugAwIBAgIIH8+hjWpIDREwDQYJKoZIhvcNAQELBQAwejELMAkGA1UE
BhMCQ04xFjAUBgNVBAoMDUFudCBGaW5hbmNpYWwxIDAeBgNVBAsMF0NlcnRpZmlj
YXRpb24gQXV0aG9yaXR5MTEwLwYDVQQDDChBbnQgRmluYW5jaWFsIENlcnRpZmlj
YXRpb24gQXV0aG9yaXR5IFIxMB4XDTE4MDMyMTEzNDg0MFoXDTM4MDIyODEzNDg0
MFowejELMAkGA1UEBhMCQ04xFjAUBgNVBAoMDUFudCBGaW5hbmNpYWwxIDAeBgNV
BAsMF0NlcnRpZmljYXRpb24gQXV0aG9yaXR5MTEwLwYDVQQDDChBbnQgRmluYW5j
aWFsIENlcnRpZmljYXRpb24gQXV0aG9yaXR5IFIxMIICIjANBgkqhkiG9w0BAQEF
AAOCAg8AMIICCgKCAgEAtytTRcBNuur5h8xuxnlKJetT65cHGemGi8oD+beHFPTk
rUTlFt9Xn7fAVGo6QSsPb9uGLpUFGEdGmbsQ2q9cV4P89qkH04VzIPwT7AywJdt2
xAvMs+MgHFJzOYfL1QkdOOVO7NwKxH8IvlQgFabWomWk2Ei9WfUyxFjVO1LVh0Bp
dRBeWLMkdudx0tl3+21t1apnReFNQ5nfX29xeSxIhesaMHDZFViO/DXDNW2BcTs6
vSWKyJ4YIIIzStumD8K1xMsoaZBMDxg4itjWFaKRgNuPiIn4kjDY3kC66Sl/6yTl
YUz8AybbEsICZzssdZh7jcNb1VRfk79lgAprm/Ktl+mgrU1gaMGP1OE25JCbqli1
Pbw/BpPynyP9+XulE+2mxFwTYhKAwpDIDKuYsFUXuo8t261pCovI1CXFzAQM2w7H
DtA2nOXSW6q0jGDJ5+WauH+K8ZSvA6x4sFo4u0KNCx0ROTBpLif6GTngqo3sj+98
SZiMNLFMQoQkjkdN5Q5g9N6CFZPVZ6QpO0JcIc7S1le/g9z5iBKnifrKxy0TQjtG
PsDwc8ubPnRm/F82RReCoyNyx63indpgFfhN7+KxUIQ9cOwwTvemmor0A+ZQamRe
9LMuiEfEaWUDK+6O0Gl8lO571uI5onYdN1VIgOmwFbe+D8TcuzVjIZ/zvHrAGUcC
AwEAAaNdMFswCwYDVR0PBAQDAgEGMAwGA1UdEwQFMAMBAf8wHQYDVR0OBBYEFF90
tATATwda6uWx2yKjh0GynOEBMB8GA1UdIwQYMBaAFF90tATATwda6uWx2yKjh0Gy
nOEBMA0GCSqGSIb3DQEBCwUAA4ICAQCVYaOtqOLIpsrEikE5lb+UARNSFJg6tpkf
tJ2U8QF/DejemEHx5IClQu6ajxjtu0Aie4/3UnIXop8nH/Q57l+Wyt9T7N2WPiNq
JSlYKYbJpPF8LXbuKYG3BTFTdOVFIeRe2NUyYh/xs6bXGr4WKTXb3qBmzR02FSy3
IODQw5Q6zpXj8prYqFHYsOvGCEc1CwJaSaYwRhTkFedJUxiyhyB5GQwoFfExCVHW
05ZFCAVYFldCJvUzfzrWubN6wX0DD2dwultgmldOn/W/n8at52mpPNvIdbZb2F41
T0YZeoWnCJrYXjq/32oc1cmifIHqySnyMnavi75DxPCdZsCOpSAT4j4lAQRGsfgI
kkLPGQieMfNNkMCKh7qjwdXAVtdqhf0RVtFILH3OyEodlk1HYXqX5iE5wlaKzDop
PKwf2Q3BErq1xChYGGVS+dEvyXc/2nIBlt7uLWKp4XFjqekKbaGaLJdjYP5b2s7N
1dM0MXQ/f8XoXKBkJNzEiM3hfsU6DOREgMc1DIsFKxfuMwX3EkVQM1If8ghb6x5Y
jXayv+NLbidOSzk4vl5QwngO/JYFMkoc6i9LNwEaEtR9PhnrdubxmrtM+RjfBm02
77q3dSWFESFQ4QxYWew4pHE0DpWbWy/iMIKQ6UZ5RLvB8GEcgt8ON7BBJeMc+Dyi
kT9qhqn+lw==
-----END CERTIFICATE-----

-----BEGIN CERTIFICATE-----
MIICiDCCAgygAwIBAgIIQX76UsB/30owDAYIKoZIzj0EAwMFADB6MQswCQYDVQQG
EwJDTjEWMBQGA1UECgwNQW50IEZpbmFuY2lhbDEgMB4GA1UECwwXQ2VydGlmaWNh
dGlvbiBBdXRob3JpdHkxMTAvBgNVBAMMKEFudCBGaW5hbmNpYWwgQ2VydGlmaWNh
dGlvbiBBdXRob3JpdHkgRTEwHhcNMTkwNDI4MTYyMDQ0WhcNNDkwNDIwMTYyMDQ0
WjB6MQswCQYDVQQGEwJDTjEWMBQGA1UECgwNQW50IEZpbmFuY2lhbDEgMB4GA1UE
CwwXQ2VydGlmaWNhdGlvbiBBdXRob3JpdHkxMTAvBgNVBAMMKEFudCBGaW5hbmNp
YWwgQ2VydGlmaWNhdGlvbiBBdXRob3JpdHkgRTEwdjAQBgcqhkjOPQIBBgUrgQQA
IgNiAASCCRa94QI0vR5Up9Yr9HEupz6hSoyjySYqo7v837KnmjveUIUNiuC9pWAU
WP3jwLX3HkzeiNdeg22a0IZPoSUCpasufiLAnfXh6NInLiWBrjLJXDSGaY7vaokt
rpZvAdmjXTBbMAsGA1UdDwQEAwIBBjAMBgNVHRMEBTADAQH/MB0GA1UdDgQWBBRZ
4ZTgDpksHL2qcpkFkxD2zVd16TAfBgNVHSMEGDAWgBRZ4ZTgDpksHL2qcpkFkxD2
zVd16TAMBggqhkjOPQQDAwUAA2gAMGUCMQD4IoqT2hTUn0jt7oXLdMJ8q4vLp6sg
wHfPiOr9gxreb+e6Oidwd2LDnC4OUqCWiF8CMAzwKs4SnDJYcMLf2vpkbuVE4dTH
Rglz+HGcTLWsFs4KxLsq7MuU+vJTBUeDJeDjdA==
-----END CERTIFICATE-----

-----BEGIN CERTIFICATE-----
MIIDxTCCAq2gAwIBAgIUEMdk6dVgOEIS2cCP0Q43P90Ps5YwDQYJKoZIhvcNAQEF
BQAwajELMAkGA1UEBhMCQ04xEzARBgNVBAoMCmlUcnVzQ2hpbmExHDAaBgNVBAsM
E0NoaW5hIFRydXN0IE5ldHdvcmsxKDAmBgNVBAMMH2lUcnVzQ2hpbmEgQ2xhc3Mg
MiBSb290IENBIC0gRzMwHhcNMTMwNDE4MDkzNjU2WhcNMzMwNDE4MDkzNjU2WjBq
MQswCQYDVQQGEwJDTjETMBEGA1UECgwKaVRydXNDaGluYTEcMBoGA1UECwwTQ2hp
bmEgVHJ1c3QgTmV0d29yazEoMCYGA1UEAwwfaVRydXNDaGluYSBDbGFzcyAyIFJv
b3QgQ0EgLSBHMzCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAOPPShpV
nJbMqqCw6Bz1kehnoPst9pkr0V9idOwU2oyS47/HjJXk9Rd5a9xfwkPO88trUpz5
4GmmwspDXjVFu9L0eFaRuH3KMha1Ak01citbF7cQLJlS7XI+tpkTGHEY5pt3EsQg
wykfZl/A1jrnSkspMS997r2Gim54cwz+mTMgDRhZsKK/lbOeBPpWtcFizjXYCqhw
WktvQfZBYi6o4sHCshnOswi4yV1p+LuFcQ2ciYdWvULh1eZhLxHbGXyznYHi0dGN
z+I9H8aXxqAQfHVhbdHNzi77hCxFjOy+hHrGsyzjrd2swVQ2iUWP8BfEQqGLqM1g
KgWKYfcTGdbPB1MCAwEAAaNjMGEwHQYDVR0OBBYEFG/oAMxTVe7y0+408CTAK8hA
uTyRMB8GA1UdIwQYMBaAFG/oAMxTVe7y0+408CTAK8hAuTyRMA8GA1UdEwEB/wQF
MAMBAf8wDgYDVR0PAQH/BAQDAgEGMA0GCSqGSIb3DQEBBQUAA4IBAQBLnUTfW7hp
emMbuUGCk7RBswzOT83bDM6824EkUnf+X0iKS95SUNGeeSWK2o/3ALJo5hi7GZr3
U8eLaWAcYizfO99UXMRBPw5PRR+gXGEronGUugLpxsjuynoLQu8GQAeysSXKbN1I
UugDo9u8igJORYA+5ms0s5sCUySqbQ2R5z/GoceyI9LdxIVa1RjVX8pYOj8JFwtn
DJN3ftSFvNMYwRuILKuqUYSHc2GPYiHVflDh5nDymCMOQFcFG3WsEuB+EYQPFgIU
1DHmdZcz7Llx8UOZXX2JupWCYzK1XhJb+r4hK5ncf/w8qGtYlmyJpxk3hr1TfUJX
Yf4Zr0fJsGuv
-----END CERTIFICATE-----
";

/// F2.7: the serial of the root certificates.
pub(crate) const ALIPAY_ROOT_CERT_SN: &str =
    "687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6";
