# SPDX-License-Identifier: Apache-2.0
"""The campaign's first regions; campaign.py runs more."""
import unittest

import campaign


class ShortCampaign(unittest.TestCase):
    def test_counts_are_what_starts(self):
        for model in campaign.MODELS:
            with self.subTest(model):
                self.assertIsNone(campaign.campaign(1500, 1, 2, (model,)))

    def test_a_difference_is_found(self):
        """The second count must not depend on the first: a world that is told wrongly is noticed."""
        class Lying(campaign.MODELS["nova"]):
            def make_flavors(self):
                super().make_flavors()
                for flavor in self.flavors:
                    flavor.needs["VCPU"] += 1

        honest, campaign.MODELS["nova"] = campaign.MODELS["nova"], Lying
        try:
            self.assertIn("counted available/total", campaign.run(("nova", 1, range(200))))
        finally:
            campaign.MODELS["nova"] = honest


if __name__ == "__main__":
    unittest.main()
